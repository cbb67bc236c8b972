using Pipeline.Client;
using Pipeline.Outbox;

namespace Pipeline.Functions;

internal sealed record QuarantinePage(IReadOnlyList<QuarantinedMessageSummary> Items, string? Continuation);
