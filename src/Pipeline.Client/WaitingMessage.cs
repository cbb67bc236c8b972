namespace Pipeline.Client;

/// <summary>A message that waits in the broker.</summary>
/// <param name="MessageId">Its id: the event's, unless it is a replay's.</param>
/// <param name="Type">CloudEvents type; <see langword="null"/> if it does not say.</param>
/// <param name="Subject">Its session, the subject.</param>
/// <param name="Since">Since when the broker has it.</param>
/// <param name="Deliveries">How often it was delivered, without an end.</param>
public sealed record WaitingMessage(string? MessageId, string? Type, string? Subject, DateTimeOffset Since, int Deliveries);
