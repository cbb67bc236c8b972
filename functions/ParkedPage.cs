using Pipeline.Outbox;

namespace Pipeline.Functions;

internal sealed record ParkedPage(IReadOnlyList<QuarantinedMessageSummary> Items, string? Continuation);
