namespace Pipeline.Client;

/// <summary>The result of one step of discarding a group of dead letters.</summary>
/// <param name="Discarded">Dead letters that this step closed.</param>
/// <param name="Remaining">Open dead letters of the group that are left; the next step continues with them.</param>
public sealed record GroupDiscard(int Discarded, int Remaining);
