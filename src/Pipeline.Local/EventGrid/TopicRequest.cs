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
