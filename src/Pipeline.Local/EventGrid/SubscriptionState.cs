namespace Pipeline.Local.EventGrid;

internal enum SubscriptionState
{
    /// <summary>The webhook has not agreed to be called yet. Its events wait.</summary>
    AwaitingHandshake = 0,

    /// <summary>Events are delivered.</summary>
    Active = 1,

    /// <summary>The webhook said 410 Gone. It gets no events any more.</summary>
    Stopped = 2,
}
