namespace Pipeline.Consumers;

/// <summary>Handles the messages of a consumer with sessions, one at a time and in order per subject.</summary>
internal sealed class OrderedConsumer(MessageHandler handler, IConsumerObserver observer)
{
    /// <summary>Handles one message. Nothing is settled here.</summary>
    public async Task<Settlement> HandleAsync(ParsedMessage message, StoreTimeout timeout, CancellationToken cancellationToken)
    {
        using var activity = observer.Begin(message);
        try
        {
            return await handler.HandleAsync(message, timeout, activity, cancellationToken);
        }
        catch (Storage.DamagedPartitionException e)
        {
            return await handler.Outages.GiveBackDamagedAsync(message, e, cancellationToken);
        }
    }
}
