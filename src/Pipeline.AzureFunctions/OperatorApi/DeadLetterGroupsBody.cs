using Pipeline.Client;
using Pipeline.DeadLetters;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record DeadLetterGroupsBody(IReadOnlyList<DeadLetterGroup> Items, int Total, int Ungrouped, DateTimeOffset AsOf);
