using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Operations;

/// <summary>How far <see cref="ActivityFeed"/> has read each container.</summary>
public sealed class ActivityPosition
{
    /// <summary>The most characters of an encoded position: a request line of twice that is what servers commonly take.</summary>
    public const int MaxLength = 4_000;

    private const int MaxDecodedBytes = 256 * 1024;
    private const string FromName = "from";
    private const string ToName = "to";
    private const string AtName = "at";

    private readonly Dictionary<string, string> _continuations;
    private readonly DateTimeOffset? _start;

    internal ActivityPosition(DateTimeOffset from, DateTimeOffset? start, IEnumerable<KeyValuePair<string, string>> continuations)
    {
        From = from;
        _start = start;
        _continuations = new Dictionary<string, string>(continuations, StringComparer.Ordinal);
    }

    /// <summary>What was handled before is not asked for.</summary>
    internal DateTimeOffset From { get; }

    /// <summary>The position behind everything that has happened yet.</summary>
    public static ActivityPosition Now(TimeProvider clock) => new(clock.GetUtcNow(), null, []);

    /// <summary>The position in front of what happens from a time on. Change feeds know whole seconds, so it is rounded down to one.</summary>
    public static ActivityPosition Since(DateTimeOffset time)
    {
        var second = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
        return new(second, second, []);
    }

    /// <summary>Reads what <see cref="ActivityReport.Continuation"/> said.</summary>
    /// <returns>Whether it is one; it may still not fit the containers, which reading them tells.</returns>
    public static bool TryDecode(string text, [NotNullWhen(true)] out ActivityPosition? position)
    {
        position = null;
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
            return false;
        try
        {
            using var document = JsonDocument.Parse(Inflate(Base64Url.DecodeFromChars(text)));
            position = new ActivityPosition(
                document.RootElement.GetProperty(FromName).GetDateTimeOffset(),
                document.RootElement.GetProperty(ToName).GetDateTimeOffset(),
                document.RootElement.GetProperty(AtName).EnumerateObject().Select(at => KeyValuePair.Create(at.Name, at.Value.GetString() ?? "")));
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>A text of bounded length that can stand in a URL as it is.</summary>
    /// <exception cref="NotSupportedException">It would be longer than <see cref="MaxLength"/>.</exception>
    internal string Encode()
    {
        using var bytes = new MemoryStream();
        using (var deflate = new DeflateStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        using (var json = new Utf8JsonWriter(deflate))
        {
            json.WriteStartObject();
            json.WriteString(FromName, From);
            json.WriteString(ToName, _start ?? From);
            json.WriteStartObject(AtName);
            foreach (var (name, continuation) in _continuations)
                json.WriteString(name, continuation);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var text = Base64Url.EncodeToString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        return text.Length <= MaxLength
            ? text
            : throw new NotSupportedException(
                $"The containers have so many physical partitions that their positions take {text.Length} characters; {MaxLength} are supported.");
    }

    /// <summary>Where to continue in a container; <see langword="null"/> if it has not been read yet.</summary>
    internal string? ContinuationOf(string container) => _continuations.GetValueOrDefault(container);

    /// <summary>Where to start in a container that has not been read yet; <see langword="null"/> for now.</summary>
    internal DateTimeOffset? StartOf(string container) => _continuations.ContainsKey(container) ? null : _start;

    private static byte[] Inflate(byte[] compressed)
    {
        using var inflate = new DeflateStream(new MemoryStream(compressed, writable: false), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        var chunk = new byte[4096];
        int read;
        while ((read = inflate.Read(chunk)) > 0)
        {
            // A few bytes can inflate to gigabytes.
            if (bytes.Length + read > MaxDecodedBytes)
                throw new InvalidDataException("A position is not that large.");
            bytes.Write(chunk, 0, read);
        }

        return bytes.ToArray();
    }
}
