using Pipeline.Client;
using Pipeline.Operations;

namespace Pipeline.Functions;

internal sealed record HandledPage(IReadOnlyList<HandledMessageSummary> Items, string? Continuation);
