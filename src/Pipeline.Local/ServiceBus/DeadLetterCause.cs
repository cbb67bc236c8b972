namespace Pipeline.Local.ServiceBus;

/// <summary>Why a message is in a dead-letter queue, as its receiver reads it. The broker's own are named as Azure names them.</summary>
/// <param name="Reason">Property <c>DeadLetterReason</c>; not set if <see langword="null"/>.</param>
/// <param name="Description">Property <c>DeadLetterErrorDescription</c>; not set if <see langword="null"/>.</param>
internal readonly record struct DeadLetterCause(string? Reason, string? Description)
{
    public static readonly DeadLetterCause Expired = new("TTLExpiredException", "The message expired and was dead lettered.");

    public static readonly DeadLetterCause NoSession =
        new("Session ID is null.", "Session enabled entity doesn't allow a message whose session identifier is null.");

    public static readonly DeadLetterCause TooManyHops = new(
        "MaxTransferHopCountExceeded", "The maximum number of allowed hops when forwarding between queues has been exceeded. This value is set to 4.");

    public static readonly DeadLetterCause HeaderSizeExceeded = new("HeaderSizeExceeded", "The size quota for this stream has been exceeded.");

    public static DeadLetterCause TooManyDeliveries(BrokerQueue queue) =>
        new("MaxDeliveryCountExceeded", string.Create(CultureInfo.InvariantCulture,
            $"Message could not be consumed after {queue.MaxDeliveryCount} delivery attempts."));

    /// <summary>The error of a rule, as Azure names it: type and message of the exception.</summary>
    public static DeadLetterCause Of(FilterException error) => new(nameof(FilterException), error.Message);

    public IEnumerable<KeyValuePair<string, object>> Properties()
    {
        if (Reason is not null)
            yield return new(BrokerDelivery.DeadLetterReasonProperty, Reason);
        if (Description is not null)
            yield return new(BrokerDelivery.DeadLetterErrorDescriptionProperty, Description);
    }
}
