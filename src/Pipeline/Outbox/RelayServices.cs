using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>What all relays of an application share.</summary>
/// <param name="Sender">Sends to Service Bus.</param>
/// <param name="Events">Publishes to Event Grid; <see langword="null"/> if the pipeline has no topic there.</param>
/// <param name="Catalog">All messages.</param>
/// <param name="Listeners">Which consumers get which messages.</param>
/// <param name="Options">How the relays publish.</param>
/// <param name="Clock">The time.</param>
/// <param name="Random">Spreads retries.</param>
public sealed record RelayServices(
    IMessageSender Sender, IEventPublisher? Events, MessageCatalog Catalog, Listeners Listeners, RelayOptions Options, TimeProvider Clock, Random Random)
{
    /// <summary>How the relays publish.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RelayOptions Options { get; init; } = (Options ?? throw new ArgumentNullException(nameof(Options))).Checked();
}
