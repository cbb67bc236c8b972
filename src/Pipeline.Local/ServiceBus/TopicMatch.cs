namespace Pipeline.Local.ServiceBus;

/// <summary>A subscription that takes a copy.</summary>
/// <param name="Subscription">The subscription.</param>
/// <param name="Changed">The message as a rule's action has changed it; <see langword="null"/>: as it was sent.</param>
/// <param name="Failure">What went wrong with its rules, so that the copy goes to its dead letters.</param>
internal readonly record struct TopicMatch(BrokerQueue Subscription, StoredMessage? Changed, DeadLetterCause? Failure);
