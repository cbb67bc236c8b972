namespace Pipeline.DeadLetters;

/// <summary>What a step of discarding a group came to.</summary>
/// <param name="Discarded">Entries that this step closed.</param>
/// <param name="Remaining">Open entries of the group that are left; the next step continues with them.</param>
public sealed record GroupDiscard(int Discarded, int Remaining);
