namespace Pipeline.Cli.Demo;

/// <summary>The faults of <c>--chaos</c>, and its findings.</summary>
/// <param name="KilledAtPlaced">How many orders had been placed when the pipeline was killed.</param>
/// <param name="Restarts">How often it was killed and started again.</param>
/// <param name="DuplicateDeliveries">Deliveries that came after their effect.</param>
/// <param name="BrokenArticle">The article whose shipments failed.</param>
/// <param name="BlockedSubjects">How many subjects that blocked.</param>
/// <param name="ReplaysCompleted">How many of them were replayed to their end.</param>
/// <param name="Findings">Errors, one sentence each.</param>
internal sealed record ChaosReport(
    int KilledAtPlaced,
    int Restarts,
    int DuplicateDeliveries,
    string BrokenArticle,
    int BlockedSubjects,
    int ReplaysCompleted,
    IReadOnlyList<string> Findings);
