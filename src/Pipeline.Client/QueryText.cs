using System.Text;

namespace Pipeline.Client;

/// <summary>Builds an address with a query; parameters without a value are omitted.</summary>
/// <param name="path">The path, such as <c>api/dead-letters</c>; see <see cref="PipelineClient.Path"/>.</param>
public sealed class QueryText(string path)
{
    private readonly StringBuilder text = new(path);
    private char separator = '?';

    /// <summary>Adds a parameter, escaped; nothing if <paramref name="value"/> is <see langword="null"/> or empty.</summary>
    public QueryText Add(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return this;
        text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
        separator = '&';
        return this;
    }

    /// <summary>Adds a time; nothing if it is <see langword="null"/>.</summary>
    public QueryText Add(string name, DateTimeOffset? value) => Add(name, value?.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Adds a number; nothing if it is <see langword="null"/>.</summary>
    public QueryText Add(string name, int? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Gets the address.</summary>
    public override string ToString() => text.ToString();
}
