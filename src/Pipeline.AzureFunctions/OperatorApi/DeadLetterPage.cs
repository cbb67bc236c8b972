using Pipeline.Client;
using Pipeline.DeadLetters;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record DeadLetterPage(IReadOnlyList<DeadLetterDetails> Items, string? Continuation);
