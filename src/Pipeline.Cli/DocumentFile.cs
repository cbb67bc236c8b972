using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.Cli;

/// <summary>
/// A file with one JSON document, or with one per line, read once from its beginning: it can be a pipe. A file that is too large, or
/// endless, is an error.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="limits">The limits.</param>
internal sealed class DocumentFile(string path, DocumentLimits limits)
{
    // The readers of events report documents that are too deep; this limit is above theirs.
    private static readonly JsonDocumentOptions Apart = new() { MaxDepth = 128 };

    /// <summary>Passes on each document with its line, or the error of the line.</summary>
    /// <param name="take">Receives a document and its line; no line for a single document.</param>
    /// <param name="refuse">Receives a line and its error.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="CliFailure">The file cannot be read, or is not JSON.</exception>
    public async Task ReadAsync(Action<JsonElement, int?> take, Action<int, string> refuse, CancellationToken cancellationToken)
    {
        await using var stream = InputFile.Open(path);
        var head = await InputFile.ReadAtMostAsync(stream, path, limits.Document + 1, cancellationToken);
        var isLines = Path.GetExtension(path) is ".jsonl" or ".ndjson";
        if (!isLines && head.Length <= limits.Document && TryReadWhole(InputFile.WithoutMark(head), take))
            return;
        if (!isLines && head.Length > limits.Document && !IsJson(FirstLine(head)))
            throw InputFile.TooLarge(path, limits.Document);
        await ReadLinesAsync(head, stream, take, refuse, cancellationToken);
    }

    private bool TryReadWhole(ReadOnlyMemory<byte> text, Action<JsonElement, int?> take)
    {
        if (!Utf8.IsValid(text.Span))
            throw new CliFailure($"'{path}' is not UTF-8, as JSON has to be (RFC 8259, section 8.1).");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, Apart);
        }
        catch (JsonException) when (IsJson(FirstLine(text)))
        {
            return false; // More follows the first document: lines.
        }
        catch (JsonException malformed)
        {
            throw new CliFailure($"'{path}' is not JSON: {malformed.Message}", malformed);
        }

        using (document)
            take(document.RootElement, null);
        return true;
    }

    private async Task ReadLinesAsync(byte[] head, Stream rest, Action<JsonElement, int?> take, Action<int, string> refuse, CancellationToken cancellationToken)
    {
        var number = 0;
        long all = 0;
        var line = new ArrayBufferWriter<byte>();
        for (ReadOnlyMemory<byte> chunk = head; chunk.Length > 0; chunk = await InputFile.ReadAtMostAsync(rest, path, 64 * 1024, cancellationToken))
        {
            if ((all += chunk.Length) > limits.All)
                throw InputFile.TooLarge(path, limits.All);
            while (chunk.Span.IndexOf((byte)'\n') is >= 0 and var end)
            {
                Append(line, chunk[..end], number + 1);
                TakeLine(line, ++number, take, refuse);
                chunk = chunk[(end + 1)..];
                cancellationToken.ThrowIfCancellationRequested();
            }

            Append(line, chunk, number + 1);
        }

        TakeLine(line, ++number, take, refuse);
    }

    private void Append(ArrayBufferWriter<byte> line, ReadOnlyMemory<byte> more, int number)
    {
        if (line.WrittenCount + more.Length > limits.Line)
            throw new CliFailure($"'{path}:{Wording.Plain(number)}' has more than {Wording.Number(limits.Line)} bytes, or no end; no longer lines are read.");
        line.Write(more.Span);
    }

    private static void TakeLine(ArrayBufferWriter<byte> line, int number, Action<JsonElement, int?> take, Action<int, string> refuse)
    {
        var text = number == 1 ? InputFile.WithoutMark(line.WrittenMemory) : line.WrittenMemory;
        if (text.Span.ContainsAnyExcept(" \t\r"u8))
        {
            try
            {
                using var document = JsonDocument.Parse(text, Apart);
                take(document.RootElement, number);
            }
            catch (JsonException malformed)
            {
                refuse(number, $"is not JSON: {malformed.Message}");
            }
        }

        line.ResetWrittenCount();
    }

    private static ReadOnlyMemory<byte> FirstLine(ReadOnlyMemory<byte> text)
    {
        text = InputFile.WithoutMark(text);
        text = text[(text.Length - text.Span.TrimStart(" \t\r\n"u8).Length)..];
        return text.Span.IndexOf((byte)'\n') is >= 0 and var end ? text[..end] : text;
    }

    private static bool IsJson(ReadOnlyMemory<byte> text)
    {
        try
        {
            JsonDocument.Parse(text, Apart).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
