using System.Text.Json;
using Pipeline.CloudEvents;

namespace Pipeline.Cli;

/// <summary>Input files of commands, read up to a limit, whatever the path refers to.</summary>
internal static class InputFile
{
    /// <summary>Stands for standard input instead of a path.</summary>
    public const string StandardInput = "-";

    /// <summary>Opens a file, or standard input for <see cref="StandardInput"/>.</summary>
    /// <exception cref="CliFailure">It cannot be opened; the message has the reason.</exception>
    public static Stream Open(string path)
    {
        if (path == StandardInput)
            return System.Console.OpenStandardInput();
        if (Directory.Exists(path))
            throw new CliFailure($"'{path}' is a folder; name a file.");
        if (!File.Exists(path))
            throw new CliFailure($"There is no file '{path}'.");
        return Guard(path, () => File.OpenRead(path));
    }

    /// <summary>Reads a whole file, or standard input.</summary>
    /// <exception cref="CliFailure">It cannot be read, or is larger than <paramref name="maxBytes"/>; the message says so.</exception>
    public static async Task<byte[]> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = Open(path);
        var head = await ReadAtMostAsync(stream, path, maxBytes + 1, cancellationToken);
        return head.Length <= maxBytes ? head : throw TooLarge(path, maxBytes);
    }

    /// <summary>Reads a JSON document without ambiguities.</summary>
    /// <exception cref="CliFailure">It cannot be read, is too large, or is not such JSON.</exception>
    public static async Task<JsonElement> ReadJsonAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        var bytes = WithoutMark(await ReadAsync(path, maxBytes, cancellationToken));
        if (StrictJson.Check(bytes) is { } fault)
            throw new CliFailure($"'{Name(path)}' cannot be used as JSON. {fault}.");
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.Clone();
    }

    /// <summary>Reads the beginning of a stream.</summary>
    public static async Task<byte[]> ReadAtMostAsync(Stream stream, string path, int most, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        try
        {
            int read;
            while (buffer.Length < most && (read = await stream.ReadAsync(chunk.AsMemory(0, (int)Math.Min(chunk.Length, most - buffer.Length)), cancellationToken)) > 0)
                buffer.Write(chunk, 0, read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }

        return buffer.ToArray();
    }

    /// <summary>Gets UTF-8 without a byte order mark.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> text) => text.Span.StartsWith("\ufeff"u8) ? text[3..] : text;

    public static CliFailure TooLarge(string path, long maxBytes) =>
        new($"'{Name(path)}' has more than {Wording.Number(maxBytes)} bytes, or no end; no more are read.");

    public static string Name(string path) => path == StandardInput ? "standard input" : path;

    private static T Guard<T>(string path, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    private static CliFailure Unreadable(string path, Exception e) => new($"'{Name(path)}' cannot be read: {e.Message}", e);
}
