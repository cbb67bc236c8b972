using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Which dead letters a replay selected. A member that is <see langword="null"/> selects all.</summary>
public sealed record DeadLetterSelection
{
    /// <summary>The dead letter's id.</summary>
    public string? Id { get; init; }

    /// <summary>The consumer.</summary>
    public string? Consumer { get; init; }

    /// <summary>The subject.</summary>
    public string? Subject { get; init; }

    /// <summary>CloudEvents type.</summary>
    public string? Type { get; init; }

    /// <summary>CloudEvents id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Event { get; init; }

    /// <summary>CloudEvents source.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    /// <summary>The reason, such as <c>HandlerFailed</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The fingerprint; <c>unknown</c> for dead letters that have none.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Made then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Made before then.</summary>
    public DateTimeOffset? To { get; init; }
}
