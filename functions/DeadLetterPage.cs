using Pipeline.Client;
using Pipeline.DeadLetters;

namespace Pipeline.Functions;

internal sealed record DeadLetterPage(IReadOnlyList<DeadLetterDetails> Items, string? Continuation);
