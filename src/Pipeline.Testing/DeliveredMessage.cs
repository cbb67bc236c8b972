using Pipeline.Consumers;
using Pipeline.Testing.Messages;

namespace Pipeline.Testing;

/// <summary>What a consumer did with a message that a test delivered.</summary>
public sealed record DeliveredMessage
{
    internal DeliveredMessage(Consumer consumer, TestMessage message, Settlement settlement) =>
        (Consumer, Message, Settlement) = (consumer, message, settlement);

    /// <summary>Gets the consumer.</summary>
    public Consumer Consumer { get; }

    /// <summary>Gets what it did with the message, with the reason if it did not complete it.</summary>
    public Settlement Settlement { get; }

    /// <summary>Gets what it did with the message: <see cref="SettlementKind.Complete"/> if that had its effect, now or before.</summary>
    public SettlementKind Kind => Settlement.Kind;

    /// <summary>Gets the reason of a dead letter; <see langword="null"/> if it is none.</summary>
    public string? Reason => Settlement.Reason;

    /// <summary>Gets what happened; <see langword="null"/> if the message was completed.</summary>
    public string? Description => Settlement.Description;

    /// <summary>Gets the CloudEvents <c>id</c>.</summary>
    public string Id => Message.Event.Id;

    /// <summary>Gets the sequence; <see langword="null"/> for a command or reply.</summary>
    public long? Sequence => Message.Sequence;

    internal TestMessage Message { get; }
}
