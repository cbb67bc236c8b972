using Pipeline.Failures;
using Pipeline.Replay;

namespace Pipeline.BookingApp;

/// <summary>Takes the place of the lock system in a dry run: issues no key, and answers with what the lock system has on record.</summary>
internal sealed class DryRunLockGateway(ILockGateway real, GatewayCalls calls) : ILockGateway
{
    private readonly HashSet<string> _assumed = new(StringComparer.Ordinal);

    public Task<LockAnswer> IssueAsync(string key, string bookingId, string guestId, CancellationToken cancellationToken) => calls.CallAsync(
        nameof(IssueAsync),
        key,
        new() { ["key"] = key, ["bookingId"] = bookingId, ["guestId"] = guestId },
        GatewayJson.Default.LockAnswer,
        () => real.FindAsync(key, bookingId, cancellationToken),
        () =>
        {
            // The number is not known before the key is issued.
            var number = $"assumed-{key}";
            _assumed.Add(number);
            return new(key, number);
        });

    public async Task<LockAnswer> RevokeAsync(string key, string bookingId, string number, CancellationToken cancellationToken)
    {
        var isKnown = true;
        return await calls.CallAsync(
            nameof(RevokeAsync),
            key,
            new() { ["key"] = key, ["bookingId"] = bookingId, ["number"] = number },
            GatewayJson.Default.LockAnswer,
            async () =>
            {
                var issued = await real.FindAsync(RoomKey.IssueKey(bookingId), bookingId, cancellationToken);
                isKnown = _assumed.Contains(number) || (issued is { Refused: null } && issued.Number == number);
                return await real.FindAsync(key, bookingId, cancellationToken);
            },
            () => isKnown
                ? new(key, number)
                : throw new PermanentFailureException($"The lock system has no key '{number}' of the booking '{bookingId}'."));
    }

    public Task<LockAnswer?> FindAsync(string key, string bookingId, CancellationToken cancellationToken) => calls.FindAsync(
        nameof(FindAsync), key, new() { ["key"] = key, ["bookingId"] = bookingId },
        GatewayJson.Default.LockAnswer, () => real.FindAsync(key, bookingId, cancellationToken));
}
