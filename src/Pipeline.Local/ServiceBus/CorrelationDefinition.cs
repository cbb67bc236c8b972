using System.Text.Json;

namespace Pipeline.Local.ServiceBus;

/// <summary>A correlation filter. What is not set is not looked at; text is compared with regard to case.</summary>
internal sealed record CorrelationDefinition
{
    public string? ContentType { get; init; }
    public string? CorrelationId { get; init; }
    public string? Subject { get; init; }
    public string? MessageId { get; init; }
    public string? ReplyTo { get; init; }
    public string? ReplyToSessionId { get; init; }
    public string? SessionId { get; init; }
    public string? To { get; init; }

    /// <summary>Application properties: texts, numbers, true or false.</summary>
    public IReadOnlyDictionary<string, JsonElement> Properties { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}
