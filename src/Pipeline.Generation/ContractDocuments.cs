using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;

namespace Pipeline.Generation;

/// <summary>
/// What is kept in git of the contracts: schemas, first samples, readers, and the approved surface as long as nothing breaks.
/// </summary>
internal sealed class ContractDocuments(
    Workspace workspace, IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers, RecordDocumentation documentation)
{
    /// <summary>All of them.</summary>
    /// <param name="topology">The topology, which says who gets what.</param>
    /// <param name="notes">What is left to do by hand is added to these.</param>
    public IEnumerable<GeneratedFile> Files(JsonObject topology, List<string> notes)
    {
        var readers = ReadersText();
        yield return new GeneratedFile(Readers.Path, readers);
        foreach (var file in Schemas().Concat(Samples(notes)))
            yield return file;
        var present = Topology.Read(Encoding.UTF8.GetBytes(topology.ToJsonString()), contracts, Readers.Read(readers));
        if (ApprovedText(present, notes) is { } approved)
            yield return new GeneratedFile(ContractFiles.Approved, approved);
    }

    private string ReadersText() => Readers.Write(
        consumers.SelectMany(c => c.ConsumedMessages, (consumer, message) =>
        {
            var contract = contracts.Single(c => c.DataType == message.Key);
            return (consumer.Name, contract.Type, message.Value is null ? null : contract.ViewOf(message.Value).Paths);
        }),
        workspace.Tool);

    private IEnumerable<GeneratedFile> Schemas()
    {
        foreach (var contract in contracts)
            yield return new GeneratedFile(SchemaPathOf(contract), SchemaExport.Of(contract, documentation));
        var known = contracts.Select(SchemaPathOf).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in workspace.Files(ContractFiles.Schemas, "*.json").Where(path => !known.Contains(path)))
            yield return new GeneratedFile(gone, null);
    }

    private IEnumerable<GeneratedFile> Samples(List<string> notes)
    {
        foreach (var contract in contracts)
        {
            foreach (var name in new[] { "full", "minimal" })
            {
                var path = $"{ContractFiles.Samples}/{contract.Type}.{name}.json";
                if (workspace.Read(path) is null && Sample(contract, name == "full", notes) is { } sample)
                    yield return new GeneratedFile(path, SchemaText.Write(sample));
            }
        }

        foreach (var path in workspace.Files(ContractFiles.Samples, "*.json").Where(path => !contracts.Any(c => IsSampleOf(path, c))))
            notes.Add($"{path} is named after no contract. Delete it, if no event of that type is left anywhere.");
    }

    private static bool IsSampleOf(string path, Contract contract) =>
        Path.GetFileName(path).StartsWith(contract.Type + ".", StringComparison.Ordinal);

    private JsonObject? Sample(Contract contract, bool isFull, List<string> notes)
    {
        try
        {
            var schema = JsonNode.Parse(SchemaExport.Of(contract, documentation))!.AsObject();
            return SampleEvents.Of(contract, schema, isFull);
        }
        catch (GenerationException unmade)
        {
            if (!notes.Contains(unmade.Message, StringComparer.Ordinal))
                notes.Add(unmade.Message);
            return null;
        }
    }

    /// <summary>The surface, if it breaks nobody; <see langword="null"/> if that has to be decided by a person.</summary>
    private string? ApprovedText(Topology topology, List<string> notes)
    {
        var present = Surface.Of(contracts);
        if (workspace.Read(ContractFiles.Approved) is not { } text)
            return SurfaceText.Write(present, workspace.Tool);
        var approved = SurfaceText.Read(text);
        if (SurfaceComparison.Compare(approved, present, topology.ReadersOf).All(c => c.Effect == ChangeEffect.Harmless))
            return SurfaceText.Write(present with { Migrations = approved.Migrations }, workspace.Tool);
        notes.Add($"The contracts have changed in a way that may break those who read them, and {ContractFiles.Approved} is left as it is. "
            + $"What has changed: {workspace.Tool} contracts diff. If nothing breaks by it: {workspace.Tool} contracts approve --migration \"why it breaks nobody\"");
        return null;
    }

    private static string SchemaPathOf(Contract contract) => $"{ContractFiles.Schemas}/{contract.Type}.json";
}
