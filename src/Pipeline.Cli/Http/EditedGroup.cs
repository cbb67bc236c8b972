namespace Pipeline.Cli.Http;

internal sealed record EditedGroup(int Edited, int AlreadyEdited, IReadOnlyList<RefusedEdit>? Refused, int RefusedCount, string? Continuation);
