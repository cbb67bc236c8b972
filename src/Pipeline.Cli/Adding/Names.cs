using System.Text;

namespace Pipeline.Cli.Adding;

/// <summary>One name as code, entities and texts have it.</summary>
internal static class Names
{
    /// <summary>Checks a name for a C# type.</summary>
    /// <exception cref="CliFailure">It cannot be one, or is not written as one.</exception>
    public static string Checked(string name, string example) =>
        name.Length > 0 && char.IsAsciiLetterUpper(name[0]) && name.All(char.IsAsciiLetterOrDigit)
            ? name
            : throw new CliFailure($"'{name}' cannot be the name: write it as a C# type, such as {example}.");

    /// <summary><c>InvoicePaid</c> as <c>invoice-paid</c>; what has hyphens already stays as it is.</summary>
    public static string Kebab(string name) => Separated(name, '-');

    /// <summary><c>InvoicePaid</c> as <c>invoice paid</c>.</summary>
    public static string Words(string name) => Separated(name, ' ');

    /// <summary><c>invoice-paid</c> as <c>InvoicePaid</c>.</summary>
    public static string Pascal(string name)
    {
        var text = new StringBuilder();
        foreach (var part in name.Split('-', StringSplitOptions.RemoveEmptyEntries))
            text.Append(char.ToUpperInvariant(part[0])).Append(part.AsSpan(1));
        return text.ToString();
    }

    /// <summary><c>InvoiceId</c> as <c>invoiceId</c>.</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string Separated(string name, char separator)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(name[i]) && !char.IsAsciiLetterUpper(name[i - 1]) && name[i - 1] != '-')
                text.Append(separator);
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
