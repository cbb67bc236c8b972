using Pipeline.Client;
using Pipeline.DeadLetters;

namespace Pipeline.Functions;

internal sealed record DeadLetterGroupsBody(IReadOnlyList<DeadLetterGroup> Items, int Total, int Ungrouped, DateTimeOffset AsOf);
