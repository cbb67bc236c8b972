using System.Text;

namespace Pipeline.Cli;

/// <summary>Where text leaves the tool: nothing that a terminal would obey goes through, whoever wrote it. Lines and tabs stay.</summary>
internal sealed class EscapingWriter(TextWriter inner) : TextWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    // The first half of a character, or a carriage return, is judged by what follows.
    private char? half;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        if (half is { } first)
            value = first + value;
        half = char.IsHighSurrogate(value[^1]) || value[^1] == '\r' ? value[^1] : null;
        inner.Write(VisibleText.EscapeLines(half is null ? value : value[..^1]));
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
}
