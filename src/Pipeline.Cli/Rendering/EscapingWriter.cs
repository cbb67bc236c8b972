using System.Text;

namespace Pipeline.Cli;

/// <summary>Writes text without control characters that a terminal would interpret. Line feeds and tabs are kept.</summary>
internal sealed class EscapingWriter(TextWriter inner) : TextWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    // A high surrogate or a carriage return is handled with the next character.
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
