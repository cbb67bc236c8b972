using System.Text;

namespace Pipeline.Cli;

/// <summary>Builds the query of an address; parameters without a value are omitted.</summary>
internal sealed class QueryText(string path)
{
    private readonly StringBuilder text = new(path);
    private char separator = '?';

    public QueryText Add(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return this;
        text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
        separator = '&';
        return this;
    }

    public QueryText Add(string name, DateTimeOffset? value) => Add(name, value?.ToString("O", CultureInfo.InvariantCulture));

    public QueryText Add(string name, int value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => text.ToString();
}
