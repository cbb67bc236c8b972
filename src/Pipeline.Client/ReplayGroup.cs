namespace Pipeline.Client;

/// <summary>Subjects of a replay whose blocking dead letters failed of the same cause.</summary>
/// <param name="Fingerprint">The cause; see <see cref="DeadLetterGroup"/>.</param>
/// <param name="Summary">The cause in words.</param>
/// <param name="Subjects">How many subjects.</param>
/// <param name="Entries">How many messages wait in them, the heads included.</param>
public sealed record ReplayGroup(string Fingerprint, string? Summary, int Subjects, long Entries);
