using System.Text.Json.Serialization;

namespace Pipeline.Cli.Http;

internal sealed record QueueStatus(
    string Consumer, long Waiting, bool More, WaitingMessage? Oldest, long DeadLetterQueue, string? Problem, string? Detail)
{
    [JsonIgnore]
    public bool IsEmpty => Waiting == 0 && DeadLetterQueue == 0 && Problem is null;

    [JsonIgnore]
    public string Count => Wording.Number(Waiting) + (More ? " or more" : "");

    public string OldestFor(DateTimeOffset now) => Oldest is { } oldest ? Wording.Duration(now > oldest.Since ? now - oldest.Since : TimeSpan.Zero) : "";
}
