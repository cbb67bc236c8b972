using Pipeline.Contracts;
using Pipeline.Generation;

namespace Pipeline.Cli.Adding;

/// <summary>A new event: its record.</summary>
internal static class NewEvent
{
    /// <param name="workspace">The application.</param>
    /// <param name="contracts">Its contracts, whose first type says how types begin.</param>
    /// <param name="name">The name of the record.</param>
    /// <param name="service">The service that publishes it.</param>
    /// <param name="given">The fields, the first of them the subject; none to write them by hand.</param>
    /// <exception cref="CliFailure">The first field cannot be the subject.</exception>
    public static Addition Of(Workspace workspace, IReadOnlyList<Contract> contracts, string name, string service, IReadOnlyList<NewField> given)
    {
        IReadOnlyList<NewField> fields = given.Count > 0 ? given : [KeyOf(name)];
        if (!fields[0].IsText)
            throw new CliFailure($"The first field is the subject of the event, by which its events are ordered: make it a text, not {fields[0].Kind}.");
        var folder = Names.Pascal(service);
        var path = $"{workspace.Contracts}/{folder}/{name}.cs";
        var parameters = string.Join(",\n", fields.Select(f => "    " + f.Parameter));
        var documentation = string.Concat(fields.Select(f => $"/// <param name=\"{f.Name}\">The {Names.Words(f.Name)}.</param>\n"));
        var text = $"""
            using Pipeline.Contracts;

            namespace {workspace.NamespaceOf(workspace.Contracts)}.{folder};

            /// <summary>{char.ToUpperInvariant(name[0])}{Names.Words(name)[1..]}.</summary>
            {documentation}[Event("{PrefixOf(contracts)}.{service}.{Names.Kebab(name)}.v1", "{service}", "{Braced(fields[0])}")]
            public sealed record {name}(
            {parameters});

            """;
        var tool = Wording.Tool;
        var edit = given.Count > 0 ? "narrow the limits of its fields" : "add the fields";
        return new Addition([new NewFile(path, text)], IsComplete: false,
        [
            $"{path}: {edit}, and say in the documentation what the event means; then: {tool} generate, which approves it",
            $"Publish it from a handler or a command of the service '{service}': .Publish(new {name}(...))",
            $"Handle it: {tool} add service NAME --on {name}",
        ]);
    }

    /// <summary><c>InvoicePaid</c> is probably about an invoice.</summary>
    private static NewField KeyOf(string name)
    {
        var last = name.Length - 1;
        while (last > 0 && !char.IsAsciiLetterUpper(name[last]))
            last--;
        return new NewField(name[..last] + "Id", "text");
    }

    private static string Braced(NewField field) => "{" + Names.Camel(field.Name) + "}";

    private static string PrefixOf(IReadOnlyList<Contract> contracts) =>
        contracts.Count == 0 ? "com.example" : string.Join('.', contracts[0].Type.Split('.')[..^3]);
}
