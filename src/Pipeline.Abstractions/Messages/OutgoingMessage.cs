namespace Pipeline.Messages;

/// <summary>One message on its way to a topic or queue.</summary>
public sealed record OutgoingMessage
{
    /// <summary>Service Bus MessageId: the event id, or a replay's own. At most 128 characters.</summary>
    public required string MessageId { get; init; }

    /// <summary>Service Bus session: the ordering key.</summary>
    public required string SessionId { get; init; }

    /// <summary>CloudEvents <c>type</c>, filtered on by subscriptions; <see langword="null"/> for a replayed body that is no event.</summary>
    public string? Type { get; init; }

    /// <summary>The structured CloudEvent, UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary><c>all</c>, or the one consumer (<c>topic/subscription</c>) that a replay is for.</summary>
    public string ReplayFor { get; init; } = Everyone;

    /// <summary>Further application properties; <see langword="null"/> for none.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>W3C trace context.</summary>
    public string? TraceParent { get; init; }

    /// <summary>When it may be delivered at the earliest (Service Bus scheduled messages); <see langword="null"/> for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The value of <see cref="ReplayFor"/> that every subscription with a rule for the type gets.</summary>
    public const string Everyone = "all";
}
