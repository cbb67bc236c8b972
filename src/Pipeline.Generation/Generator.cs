using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>
/// Everything that follows from what an application declares. In two steps: the catalogs are code of their own, which has to be
/// built before what is made of them.
/// </summary>
internal sealed class Generator(Workspace workspace, Declarations declared)
{
    /// <summary>The catalogs: what has to be built before the second step.</summary>
    public IReadOnlyList<GeneratedFile> Catalogs() =>
    [
        new($"{workspace.Contracts}/ContractCatalog.g.cs", CatalogCode.Contracts(declared, workspace.NamespaceOf(workspace.Contracts))),
        new($"{workspace.Contracts}/ContractJson.g.cs", CatalogCode.Json(declared, workspace.NamespaceOf(workspace.Contracts))),
        new($"{workspace.Services}/Catalog.g.cs", CatalogCode.Consumers(declared, workspace.NamespaceOf(workspace.Services))),
    ];

    /// <summary>
    /// Catalogs that are as good as none: with these the projects build, whatever was declared when the last ones were written.
    /// </summary>
    public static IReadOnlyList<GeneratedFile> EmptyCatalogs(Workspace workspace) =>
    [
        new($"{workspace.Contracts}/ContractCatalog.g.cs", CodeText.Header("nothing yet")),
        new($"{workspace.Contracts}/ContractJson.g.cs", CodeText.Header("nothing yet")
            + $"namespace {workspace.NamespaceOf(workspace.Contracts)};\n\n"
            + "[System.Text.Json.Serialization.JsonSerializable(typeof(string))]\npartial class ContractJson;\n"),
        new($"{workspace.Services}/Catalog.g.cs", CodeText.Header("nothing yet")),
    ];

    /// <summary>All else: triggers, topology and what is kept in git of the contracts.</summary>
    /// <param name="contracts">The catalog of contracts, built of <see cref="Catalogs"/>.</param>
    /// <param name="documentation">The documentation of the records.</param>
    /// <param name="notes">What is left to do by hand is added to these.</param>
    /// <exception cref="GenerationException">Something declared cannot be used; the message says what to change.</exception>
    public IReadOnlyList<GeneratedFile> All(IReadOnlyList<Contract> contracts, RecordDocumentation documentation, List<string> notes)
    {
        List<Consumer> consumers = [.. declared.Consumers.Select(c => c.Consumer)];
        var settings = workspace.Settings();
        var topology = TopologyDocument.Of(contracts, consumers, settings);
        var functions = workspace.NamespaceOf(workspace.Functions);
        notes.AddRange(TopicNames.Warnings(contracts, consumers));
        return
        [
            .. Catalogs(),
            new($"{workspace.Functions}/ConsumerFunctions.g.cs", TriggerCode.Sessions(consumers, topology, functions)),
            new($"{workspace.Functions}/BatchFunctions.g.cs", TriggerCode.Batches(consumers, topology, functions)),
            new($"{workspace.Functions}/EventGridFunctions.g.cs", TriggerCode.EventGrid(consumers, functions)),
            new($"{workspace.Functions}/DeadLetterQueueFunctions.g.cs", TriggerCode.DeadLetterQueues(consumers, functions)),
            new($"{workspace.Functions}/RelayFunctions.g.cs", RelayCode.Write(contracts, consumers, topology, settings, functions)),
            new($"{workspace.Functions}/CommandRunners.g.cs", CatalogCode.CommandRunners(declared, functions)),
            new(Workspace.TopologyFile, JsonText.Write(topology)),
            new("emulators/Config.json", SchemaText.Write(EmulatorDocument.Of(topology))),
            .. new ContractDocuments(workspace, contracts, consumers, documentation).Files(topology, notes),
        ];
    }

    /// <summary>The files that are not up to date with the loaded assemblies; the catalogs alone, if they are among them.</summary>
    /// <param name="contracts">The catalog of contracts, as loaded.</param>
    /// <param name="documentation">The documentation of the records.</param>
    /// <exception cref="GenerationException">Something declared cannot be used; the message says what to change.</exception>
    public IReadOnlyList<string> StaleFiles(IReadOnlyList<Contract> contracts, RecordDocumentation documentation)
    {
        var stale = Stale(workspace, Catalogs());
        return [.. (stale.Count > 0 ? stale : Stale(workspace, All(contracts, documentation, []))).Select(f => f.Path)];
    }

    /// <summary>Those of some files that are not as they should be.</summary>
    public static IReadOnlyList<GeneratedFile> Stale(Workspace workspace, IEnumerable<GeneratedFile> files) =>
        [.. files.Where(f => workspace.Read(f.Path)?.ReplaceLineEndings("\n") != f.Text)];
}
