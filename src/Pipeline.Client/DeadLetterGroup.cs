namespace Pipeline.Client;

/// <summary>Dead letters with one cause.</summary>
/// <param name="Fingerprint">What they have in common; <c>unknown</c> for all that are older than fingerprints.</param>
/// <param name="Summary">The cause as the first of them has it, with its own names and numbers; <see langword="null"/> where it is unknown.</param>
/// <param name="Count">How many there are.</param>
/// <param name="FirstSeen">When the first of them was made.</param>
/// <param name="LastSeen">When the last of them was made.</param>
/// <param name="Consumers">The consumers that have some.</param>
/// <param name="Types">Their CloudEvents types, at most 10.</param>
/// <param name="Sample">Container, partition and id of the first of them.</param>
public sealed record DeadLetterGroup(
    string Fingerprint,
    string? Summary,
    int Count,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    IReadOnlyList<string> Consumers,
    IReadOnlyList<string> Types,
    DeadLetterAddress Sample);
