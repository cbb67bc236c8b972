using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Hosting;

/// <summary>A run for one message, or for a batch of them.</summary>
/// <param name="function">What runs.</param>
/// <param name="messages">The messages; of a session all are of the same one.</param>
/// <param name="receiver">Who received them, and settles them.</param>
/// <param name="cancellation">As of every invocation.</param>
internal sealed class ServiceBusInvocation(
    HostedFunction function, IReadOnlyList<BrokerDelivery> messages, BrokerReceiver receiver, CancellationToken cancellation)
    : Invocation(function, cancellation)
{
    private readonly HashSet<Guid> _settled = [];

    public IReadOnlyList<BrokerDelivery> Messages => messages;

    /// <summary>Whether the function takes several.</summary>
    public bool IsBatched => Function.Binding.IsBatched;

    public BrokerReceiver Receiver => receiver;

    public override string Input => IsBatched
        ? string.Create(CultureInfo.InvariantCulture, $"{messages.Count} messages: {string.Join("; ", messages.Take(3).Select(Of))}")
        : Of(messages[0]);

    /// <summary>Settles one of the messages, as the function asks.</summary>
    /// <exception cref="BrokerException">The lock is lost, or the broker refused.</exception>
    public async Task SettleAsync(Guid lockToken, Settlement settlement)
    {
        await receiver.SettleAsync(lockToken, settlement);
        lock (_settled)
            _settled.Add(lockToken);
    }

    public bool IsSettled(BrokerDelivery message)
    {
        lock (_settled)
            return _settled.Contains(message.LockToken);
    }

    private static string Of(BrokerDelivery message) => message.SessionId is { } session
        ? string.Create(CultureInfo.InvariantCulture, $"message {message.MessageId} (session {session}, delivery {message.DeliveryCount})")
        : string.Create(CultureInfo.InvariantCulture, $"message {message.MessageId} (delivery {message.DeliveryCount})");
}
