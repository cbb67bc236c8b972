using Microsoft.AspNetCore.Http;
using Pipeline.AzureFunctions.Http;
using Pipeline.Consumers;
using Pipeline.Failures;
using static Pipeline.AzureFunctions.Http.Answers;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Checks of what operators name: a consumer, a group of dead letters. Each gets the refusal; <see langword="null"/> if all is well.</summary>
internal static class OperatorChecks
{
    /// <summary>Checks that a consumer exists, if one is named.</summary>
    public static IResult? ValidateConsumer(IEnumerable<Consumer> consumers, string? name) => name is null || consumers.Any(c => c.Name == name)
        ? null
        : Problem(OperatorProblems.ConsumerUnknown, $"'{name}' is not a consumer; there are {string.Join(", ", consumers.Select(c => c.Name))}.");

    /// <summary>Checks the form of a fingerprint, if there is one.</summary>
    public static IResult? ValidateFingerprint(string? fingerprint) => fingerprint is null || Fingerprint.IsFingerprint(fingerprint)
        ? null
        : Problem(OperatorProblems.FingerprintInvalid, $"A fingerprint is 12 hexadecimal digits in lower case, or '{Fingerprint.Unknown}'.");

    /// <summary>Checks a group of dead letters as it was seen, and how many of it one step takes.</summary>
    /// <param name="consumers">The consumers that there are.</param>
    /// <param name="fingerprint">The group.</param>
    /// <param name="consumer">Only at this consumer; <see langword="null"/> for all.</param>
    /// <param name="count">How many there were.</param>
    /// <param name="before">When they were counted.</param>
    /// <param name="limit">How many one step takes; <see langword="null"/> for the default.</param>
    /// <param name="most">The most that one step takes.</param>
    /// <param name="verb">What is done with them: <c>discard</c>.</param>
    public static IResult? ValidateGroup(
        IEnumerable<Consumer> consumers, string? fingerprint, string? consumer, int? count, DateTimeOffset? before, int? limit, int most, string verb)
    {
        if (fingerprint is null || !Fingerprint.IsFingerprint(fingerprint) || fingerprint == Fingerprint.Unknown)
            return Problem(OperatorProblems.GroupRequired, $"Send the 'fingerprint' of a group of GET /api/dead-letters/groups. Dead letters with the fingerprint 'unknown' have different causes: {verb} them one by one.");
        if (ValidateConsumer(consumers, consumer) is { } unknown)
            return unknown;
        if (count is not >= 1 || before is null)
            return Problem(OperatorProblems.ConfirmationTokenRequired, "Send 'count' and 'before' as confirmation: the group's 'count' and the 'asOf' of GET /api/dead-letters/groups.");
        return limit < 1 || limit > most
            ? Problem(ProblemTypes.NumberOutOfRange, string.Create(CultureInfo.InvariantCulture, $"'limit' must be a whole number from 1 to {most}."))
            : null;
    }
}
