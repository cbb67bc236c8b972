using System.CommandLine;
using System.Text.Json;
using Pipeline.Cli.Applications;
using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;

namespace Pipeline.Cli;

/// <summary><c>pipeline contracts</c>: events and commands, their readers, and what a change would break. Works offline.</summary>
internal static class ContractsCommand
{
    public static Command Create(CommandContext context)
    {
        var project = new Option<string?>("--project")
        {
            Description = "The folder of the project with the contracts, or its built assembly. Default: 'contracts' of the application in the current folder.",
            HelpName = "FOLDER|DLL",
            Recursive = true,
        };
        Task<AppContracts> Load(ParseResult parsed, CancellationToken cancellationToken) =>
            AppContracts.LoadAsync(parsed.GetValue(project), context.Terminal, cancellationToken);

        return new Command("contracts", "Show the contracts (events, commands, replies) of an application and check changes and documents. Works offline.")
        {
            project,
            List(context, Load),
            Show(context, Load),
            ContractsDiff.Create(context, Load),
            ContractsDiff.Approve(context, Load),
            ContractsValidate.Create(context, Load),
            WhoReads(context, Load),
        };
    }

    /// <summary>The contract of a full type, or of a name; its newest version, if none is named.</summary>
    /// <exception cref="CliFailure">There is none, or several.</exception>
    public static Contract Find(AppContracts contracts, string type)
    {
        if (contracts.Find(type) is { } exact)
            return exact;
        var named = contracts.All
            .Where(c => c.Name == type || string.Create(CultureInfo.InvariantCulture, $"{c.Name}.v{c.Version}") == type)
            .GroupBy(c => c.Owner, (_, versions) => versions.MaxBy(c => c.Version)!, StringComparer.Ordinal).ToList();
        return named switch
        {
            [var only] => only,
            [] => throw new CliFailure($"There is no contract '{type}'.{Nearest.Hint(type, NamesLike(contracts, type))} '{Wording.Tool} contracts list' lists them."),
            _ => throw new CliFailure($"'{type}' is ambiguous: {string.Join(" or ", named.Select(c => c.Type))}; give one of them."),
        };
    }

    /// <summary>The names that a misspelt one may stand for: records, types, or types by name alone.</summary>
    private static IEnumerable<string> NamesLike(AppContracts contracts, string type) =>
        type.Split('.').Length > 2 ? contracts.All.Select(c => c.Type)
        : type.Any(char.IsAsciiLetterUpper) ? contracts.Declared.Select(record => record.Name)
        : contracts.All.Select(c => c.Name);

    private static Command List(CommandContext context, ContractsLoader load)
    {
        var command = new Command("list", "List all contracts.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var contracts = await load(parsed, cancellationToken);
            var table = context.Terminal.Table(
                "type", "kind", "owner", "audience", Column.Below("to"), Column.WrappingBelow("subject"), Column.WrappingBelow("read by"));
            foreach (var contract in contracts.All.OrderBy(c => c.Type, StringComparer.Ordinal))
            {
                table.AddCells(
                    contract.Type, SurfaceText.WordFor(contract.Kind), contract.Owner, AudienceOf(contract), contract.Destination, contract.SubjectRule,
                    string.Join(", ", contracts.Topology.ReadersOf(contract.Type, "$")));
            }

            context.Terminal.Console.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(CommandContext context, ContractsLoader load)
    {
        var type = new Argument<string>("TYPE") { Description = "The type, or its name alone: order-placed." };
        var schema = new Option<bool>("--schema") { Description = "Print the JSON Schema instead." };
        var command = new Command("show", "Show one contract with its fields and readers.") { type, schema };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var contracts = await load(parsed, cancellationToken);
            var contract = Find(contracts, parsed.GetRequiredValue(type));
            if (contract.Description.Length == 0)
                throw new CliFailure($"'{contract.Type}' is new and has no schema yet; '{Wording.Tool} generate' writes it.");
            if (parsed.GetValue(schema))
            {
                context.Terminal.Out.WriteLine(contract.Schema.TrimEnd());
                return ExitCode.Ok;
            }

            context.Terminal.Pairs(
            [
                ("type", contract.Type),
                ("description", contract.Description),
                ("kind", SurfaceText.WordFor(contract.Kind)),
                ("owner", contract.Owner),
                ("version", Wording.Plain(contract.Version) + (contract.IsRetired ? ", retired: no longer published, still read" : "")),
                ("for", contract.IsPublic ? "partners too (public)" : "services of this pipeline (internal)"),
                (contract.IsEvent ? "topic" : "queue", contract.Destination),
                (contract.IsEvent ? "subject" : "partition of the receiver", contract.SubjectRule),
                ("read by", string.Join(", ", contracts.Topology.ReadersOf(contract.Type, "$"))),
            ]);
            context.Terminal.Line();
            using var document = JsonDocument.Parse(contract.Schema);
            var table = context.Terminal.Table("field", "type", "needed", Column.Wrapping("limits"), Column.WrappingBelow("description"));
            foreach (var field in ContractSurface.Of(contract).Fields)
            {
                table.AddCells(
                    field.Path, string.Join('|', field.Types), field.IsRequired ? "required" : "optional", string.Join(" ", field.Limits.Select(l => $"{l.Key}={l.Value}")),
                    DescriptionAt(document.RootElement, field.Path));
            }

            context.Terminal.Console.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command WhoReads(CommandContext context, ContractsLoader load)
    {
        var field = new Argument<string>("FIELD") { Description = "A field: orderId, lines.sku or $.lines[].sku." };
        var type = new Option<string?>("--type") { Description = "Only in this contract.", HelpName = "TYPE" };
        var command = new Command("who-reads", "List the consumers that read a field, for all contracts that have it.") { field, type };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = Plain(parsed.GetRequiredValue(field));
            var contracts = await load(parsed, cancellationToken);
            var asked = parsed.GetValue(type) is { } one ? [Find(contracts, one)] : contracts.All.OrderBy(c => c.Type, StringComparer.Ordinal).ToArray();
            var table = context.Terminal.Table("type", "field", Column.WrappingBelow("read by"));
            foreach (var contract in asked)
            {
                foreach (var path in ContractSurface.Of(contract).Fields.Select(f => f.Path).Where(p => !p.EndsWith("[]", StringComparison.Ordinal)))
                {
                    if (Plain(path) is var plain && (plain == wanted || plain.EndsWith("." + wanted, StringComparison.Ordinal)))
                        table.AddCells(contract.Type, path, string.Join(", ", contracts.Topology.ReadersOf(contract.Type, path)) is { Length: > 0 } readers ? readers : "no consumer here");
                }
            }

            if (table.Count == 0)
            {
                var known = asked.SelectMany(c => ContractSurface.Of(c).Fields).Select(f => Plain(f.Path)).SelectMany(path => new[] { path, path[(path.LastIndexOf('.') + 1)..] });
                throw new CliFailure(
                    $"No contract has a field '{parsed.GetRequiredValue(field)}'.{Nearest.Hint(wanted, known.Distinct(StringComparer.Ordinal))} '{Wording.Tool} contracts show TYPE' shows the fields of one.");
            }

            context.Terminal.Console.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    internal static string AudienceOf(Contract contract) => (contract.IsPublic ? "public" : "internal") + (contract.IsRetired ? ", retired" : "");

    private static string Plain(string path) => path.Replace("[]", "", StringComparison.Ordinal) is var plain && plain.StartsWith("$.", StringComparison.Ordinal) ? plain[2..] : plain;

    /// <summary>What a field says; empty for one that is newer than the stored schema.</summary>
    internal static string DescriptionAt(JsonElement schema, string path)
    {
        foreach (var step in path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.').Skip(1))
        {
            if (!(step == "[]" ? schema.TryGetProperty("items", out schema) : schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(step, out schema)))
                return "";
        }

        return schema.TryGetProperty("description", out var description) ? description.GetString()! : "";
    }
}
