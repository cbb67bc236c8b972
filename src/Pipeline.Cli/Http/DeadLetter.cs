using System.Text.Json.Serialization;

namespace Pipeline.Cli.Http;

internal sealed record DeadLetter(
    string Id,
    string Container,
    string Partition,
    string? Consumer,
    string? Subject,
    string? Type,
    string? EventId,
    long? Sequence,
    string? CorrelationId,
    string? Reason,
    string? Description,
    string? Status,
    bool InOrder,
    int? Attempt,
    DateTimeOffset? CreatedAt,
    int? DeliveryCount,
    string? Fingerprint = null,
    string? Summary = null,
    DateTimeOffset? RetryAt = null,
    int? Retries = null,
    int? Edited = null,
    string? Result = null,
    DeadLetterDiscard? Discarded = null)
{
    /// <summary>Gets the result as text; <see langword="null"/> while it is open.</summary>
    [JsonIgnore]
    public string? Ending => Status != "closed" ? null : Result switch
    {
        "handled" => "handled",
        "alreadyHandled" => "had been handled before; the replay had no effect",
        "discarded" => Discarded is null ? "discarded" : $"discarded by {Discarded.By}: {Discarded.Reason}",
        _ => "closed",
    };
}
