namespace Pipeline.Payloads;

/// <summary>One page of a listing.</summary>
/// <param name="Items">The payloads.</param>
/// <param name="Continuation">Where the next page starts; <see langword="null"/> behind the last one.</param>
public sealed record PayloadPage(IReadOnlyList<StoredPayload> Items, string? Continuation);
