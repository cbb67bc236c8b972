namespace Pipeline.Cli.Adding;

/// <summary>A field of a new event.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="Kind">Its type as it was written.</param>
internal sealed record NewField(string Name, string Kind)
{
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["text"] = "[Text(1, 200)] string",
        ["int"] = "[Number(0, 1_000_000_000)] int",
        ["decimal"] = "[Number(0, 1_000_000_000)] decimal",
        ["day"] = "[Day] string",
        ["time"] = "DateTimeOffset",
        ["bool"] = "bool",
    };

    /// <summary>Gets what it is in the record.</summary>
    public string Parameter => $"{Kinds[Kind]} {Name}";

    /// <summary>Whether it can be a subject.</summary>
    public bool IsText => Kind is "text" or "day";

    /// <summary>Reads <c>invoiceId:text</c>.</summary>
    /// <exception cref="CliFailure">It is no field.</exception>
    public static NewField Of(string text) => text.Split(':') is [{ Length: > 0 } name, var kind] && Kinds.ContainsKey(kind) && name.All(char.IsAsciiLetterOrDigit) && char.IsAsciiLetter(name[0])
        ? new NewField(char.ToUpperInvariant(name[0]) + name[1..], kind)
        : throw new CliFailure($"'{text}' is no field: write its name and its type, such as invoiceId:text. The types are {string.Join(", ", Kinds.Keys)}.");
}
