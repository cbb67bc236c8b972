namespace Pipeline.Client;

/// <summary>What the selection matched and the plan leaves out.</summary>
/// <param name="BehindOthers">Subjects whose blocking dead letter is not in the selection: what matches waits behind it.</param>
/// <param name="NeverReplayed">Entries that are out of order or expired, so that nothing tells whether they were handled.</param>
public sealed record ReplayExclusions(int BehindOthers, int NeverReplayed);
