using System.Text.Json;

namespace Pipeline.Local.EventGrid;

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
