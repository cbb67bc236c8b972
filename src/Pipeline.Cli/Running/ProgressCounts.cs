namespace Pipeline.Cli.Running;

/// <summary>How far a run is.</summary>
/// <param name="Verb">What is done with each of them: <c>placed</c>.</param>
/// <param name="Begun">With how many that is done.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Note">An additional line; <see langword="null"/> for none.</param>
/// <param name="Parts">How many are in which state.</param>
internal sealed record ProgressCounts(string Verb, int Begun, int Total, string? Note, IReadOnlyList<ProgressPart> Parts);
