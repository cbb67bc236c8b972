using Pipeline.Client;
using Pipeline.Operations;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record HandledPage(IReadOnlyList<HandledMessageSummary> Items, string? Continuation);
