using System.Text;

namespace Pipeline.Contracts.Surfaces;

/// <summary>The surface as a text file: a line per contract and field, so that a change is a line in a review.</summary>
public static class SurfaceText
{
    private static readonly (ContractKind Kind, string Word)[] Kinds =
    [
        (ContractKind.Notification, "notification"), (ContractKind.StateTransfer, "state-transfer"), (ContractKind.DomainEvent, "domain-event"),
        (ContractKind.Command, "command"), (ContractKind.Reply, "reply"),
    ];

    /// <summary>The word for a kind, here and for people.</summary>
    public static string WordFor(ContractKind kind) => Kinds.Single(k => k.Kind == kind).Word;

    /// <summary>Writes a surface.</summary>
    /// <param name="surface">The surface.</param>
    /// <param name="tool">How the tool is called where the file is.</param>
    public static string Write(Surface surface, string tool = ContractFiles.Tool)
    {
        ArgumentNullException.ThrowIfNull(surface);
        var text = new StringBuilder(
            "# The approved contract surface: what others rely on.\n"
            + $"# After a change that breaks nobody: {tool} contracts approve\n");
        foreach (var contract in surface.Contracts)
        {
            text.Append('\n').Append(HeaderOf(contract)).Append('\n');
            foreach (var field in contract.Fields)
                text.Append(contract.Type).Append(' ').Append(LineOf(field)).Append('\n');
        }

        if (surface.Migrations.Count > 0)
            text.Append('\n');
        foreach (var migration in surface.Migrations)
            text.Append("migration ").Append(migration.Type).Append(' ').Append(migration.Path).Append(' ').Append(migration.Reason.ReplaceLineEndings(" ")).Append('\n');
        return text.ToString();
    }

    /// <summary>What a contract is, in one line.</summary>
    public static string HeaderOf(ContractSurface contract) =>
        $"{contract.Type} {WordFor(contract.Kind)} {(contract.IsPublic ? "public" : "internal")} to={contract.Destination} subject={contract.SubjectRule}";

    /// <summary>What a field is, in one line.</summary>
    public static string LineOf(FieldSurface field)
    {
        var line = new StringBuilder($"{field.Path} {string.Join('|', field.Types)} {(field.IsRequired ? "required" : "optional")}");
        foreach (var (keyword, value) in field.Limits)
            line.Append(' ').Append(keyword).Append('=').Append(value);
        return line.ToString();
    }

    /// <summary>Reads a surface.</summary>
    /// <exception cref="FormatException">A line is not in the format of <see cref="Write"/>; the message names it.</exception>
    public static Surface Read(string text)
    {
        var contracts = new List<ContractSurface>();
        var fields = new List<FieldSurface>();
        var migrations = new List<Migration>();
        var number = 0;
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            var words = line.Split(' ');
            if (words[0] == "migration" && line.Split(' ', 4) is [_, var of, var at, var reason])
            {
                migrations.Add(new Migration(of, at, reason));
            }
            else if (words.Length > 1 && words[1].StartsWith('$'))
            {
                if (contracts.Count == 0 || contracts[^1].Type != words[0])
                    throw Bad(number, line, "it is about another contract than the line that it follows");
                fields.Add(FieldOf(words) ?? throw Bad(number, line, "it describes no field"));
                contracts[^1] = contracts[^1] with { Fields = [.. fields] };
            }
            else
            {
                contracts.Add(ContractOf(words) ?? throw Bad(number, line, "it describes no contract"));
                fields.Clear();
                if (contracts.Take(contracts.Count - 1).Any(c => c.Type == words[0]))
                    throw Bad(number, line, "the contract is there twice");
            }
        }

        return new Surface(contracts, migrations);
    }

    private static ContractSurface? ContractOf(string[] words)
    {
        if (words is not [var type, var kindWord, var access, var to, var subject]
            || Kinds.All(k => k.Word != kindWord)
            || access is not ("public" or "internal")
            || !to.StartsWith("to=", StringComparison.Ordinal)
            || !subject.StartsWith("subject=", StringComparison.Ordinal))
        {
            return null;
        }

        return new ContractSurface(type, Kinds.Single(k => k.Word == kindWord).Kind, access == "public", to[3..], subject[8..], []);
    }

    private static FieldSurface? FieldOf(string[] words)
    {
        if (words.Length < 4 || words[3] is not ("required" or "optional"))
            return null;
        var limits = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words.Skip(4))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                return null;
            limits[word[..equals]] = word[(equals + 1)..];
        }

        return new FieldSurface(words[1], words[2].Split('|'), words[3] == "required", limits);
    }

    private static FormatException Bad(int number, string line, string why) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"Line {number} of the contract surface cannot be read, {why}: {(line.Length > 200 ? line[..200] : line)}"));
}
