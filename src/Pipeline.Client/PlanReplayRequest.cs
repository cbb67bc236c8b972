using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Plans a replay of one dead letter, or of all that match the other members; at least one of them is required.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PlanReplayRequest
{
    /// <summary>The id of a dead letter, which is replayed alone. Goes with <see cref="Consumer"/> only.</summary>
    public string? Entry { get; init; }

    /// <summary>The subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The consumer.</summary>
    public string? Consumer { get; init; }

    /// <summary>CloudEvents type.</summary>
    public string? Type { get; init; }

    /// <summary>The reason, such as <c>HandlerFailed</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The group.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Made then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Made before then.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The most messages per second, 1 to 200. Default: 50.</summary>
    public int? Rate { get; init; }

    /// <summary>Subjects that may fail before the replay stops; 0 for any number. Default: 0.</summary>
    public int? MaxFailed { get; init; }

    /// <summary>Who asks for it; it is stored.</summary>
    public string? By { get; init; }

    /// <summary>The reason; it is stored.</summary>
    public string? Why { get; init; }

    /// <summary>Whether to start it at once. Default: it is only planned.</summary>
    public bool? Apply { get; init; }
}
