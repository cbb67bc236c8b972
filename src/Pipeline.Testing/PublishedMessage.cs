namespace Pipeline.Testing;

/// <summary>An event, command or reply that the app has sent.</summary>
/// <typeparam name="T">The record of its contract.</typeparam>
/// <param name="Data">The data.</param>
/// <param name="Id">CloudEvents <c>id</c>.</param>
/// <param name="Source">CloudEvents <c>source</c>: the service that sent it.</param>
/// <param name="Subject">CloudEvents <c>subject</c>: the ordering key.</param>
/// <param name="CorrelationId">The conversation that it belongs to.</param>
/// <param name="CausationId">The id of the message that caused it; <see langword="null"/> if it names none.</param>
/// <param name="Sequence">The sequence of an event; <see langword="null"/> for a command or reply.</param>
/// <param name="Destination">The topic or queue.</param>
/// <param name="NotBefore">When it may be delivered at the earliest; <see langword="null"/> for at once.</param>
public sealed record PublishedMessage<T>(
    T Data,
    string Id,
    string Source,
    string? Subject,
    string CorrelationId,
    string? CausationId,
    long? Sequence,
    string Destination,
    DateTimeOffset? NotBefore)
    where T : class;
