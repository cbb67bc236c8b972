using Pipeline.Client;
using Pipeline.Outbox;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record QuarantinePage(IReadOnlyList<QuarantinedMessageSummary> Items, string? Continuation);
