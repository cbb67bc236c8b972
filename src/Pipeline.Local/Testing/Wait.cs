namespace Pipeline.Local.Testing;

/// <summary>What some <see cref="Work"/> waits for.</summary>
/// <param name="Kind">How it ends.</param>
/// <param name="Reason">For people.</param>
/// <param name="Until">When it ends by itself; <see langword="null"/>: when something comes.</param>
/// <param name="Queue">The entity that it receives from.</param>
internal sealed record Wait(WaitKind Kind, string Reason, DateTimeOffset? Until = null, string? Queue = null);
