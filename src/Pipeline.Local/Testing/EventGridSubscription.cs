namespace Pipeline.Local.Testing;

/// <summary>A subscription of the topic. Counts begin with the platform.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Function">The function that it delivers to; <see langword="null"/>: a webhook.</param>
/// <param name="Endpoint">The webhook, without the query; <see langword="null"/>: a function.</param>
/// <param name="State"><c>Active</c>, <c>AwaitingHandshake</c>, <c>Stopped</c>, or <c>WaitingForHost</c> while no host runs the function.</param>
/// <param name="Pending">Events that are neither delivered nor given up.</param>
/// <param name="Delivered">Events delivered.</param>
/// <param name="FailedAttempts">Attempts that failed.</param>
/// <param name="DeadLettered">Events given up whose dead letter is written.</param>
/// <param name="LastError">What went wrong last; <see langword="null"/>: nothing.</param>
public sealed record EventGridSubscription(
    string Name, string? Function, string? Endpoint, string State, int Pending, long Delivered, long FailedAttempts, long DeadLettered, string? LastError);
