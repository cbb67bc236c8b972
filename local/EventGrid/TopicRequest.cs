using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Pipeline.Local.EventGrid;

/// <summary>A request to the topic's endpoint, in-process or over HTTP.</summary>
internal sealed class TopicRequest(string method, string path, IReadOnlyDictionary<string, StringValues> headers)
{
    /// <summary>The largest request that Event Grid reads.</summary>
    public const int MaxBodyBytes = 1024 * 1024;

    public string Method => method;

    /// <summary>Percent-encoded, without query.</summary>
    public string Path => path;

    /// <summary>By name without regard to case, with all its values: a header may be there more than once.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers => headers;

    public ReadOnlyMemory<byte> Body { get; set; }

    public string? Header(string name) => headers.TryGetValue(name, out var value) ? value.ToString() : null;
}

/// <summary>What the endpoint answers.</summary>
internal sealed record TopicReply(int Status)
{
    private static readonly JsonSerializerOptions _json = new(EventGridTopology.Json) { WriteIndented = true };

    public static TopicReply Ok { get; } = new(200);

    /// <summary>The connection breaks instead: a test's doing.</summary>
    public static TopicReply Lost { get; } = new(0);

    /// <summary>JSON.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public static TopicReply Json<T>(int status, T content) => new(status) { Body = JsonSerializer.SerializeToUtf8Bytes(content, _json) };

    /// <summary>An error as Azure words it, which its SDKs put into their exceptions.</summary>
    public static TopicReply Error(int status, string code, string message) =>
        new(status) { Body = JsonSerializer.SerializeToUtf8Bytes(new { error = new { code, message } }) };
}
