namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Receives from one entity, or one session of it, for the triggers of a host. Faults happen to it as to a host in Azure, whose
/// client has tried again: only what that could not help shows.
/// </summary>
/// <param name="broker">The broker; throws once the host is cut off from it.</param>
/// <param name="path">The queue, subscription or dead-letter queue.</param>
/// <param name="session">The session that it holds, where there are sessions.</param>
internal sealed class BrokerReceiver(Func<Broker> broker, string path, SessionLock? session = null)
{
    public string Path => path;

    /// <summary>The session that it holds.</summary>
    public SessionLock? Session => session;

    /// <summary>Accepts the session that has waited longest, as soon as one has a message.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerFailure.ServiceTimeout"/>: none came in time.</exception>
    public static async Task<BrokerReceiver> AcceptNextAsync(Func<Broker> broker, string path, TimeSpan wait, CancellationToken cancellationToken) =>
        new(broker, path, await broker().AcceptSessionAsync(path, null, wait, cancellationToken));

    /// <summary>The next messages, as soon as there is one; none if none came in time.</summary>
    public Task<IReadOnlyList<BrokerDelivery>> ReceiveAsync(int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        return broker().Faults is { } faults
            ? ReceiveWithFaultsAsync(faults, max, wait, cancellationToken)
            : broker().ReceiveAsync(path, session, max, wait, delete: false, cancellationToken);
    }

    /// <exception cref="BrokerException">The lock is lost.</exception>
    public async Task SettleAsync(Guid lockToken, Settlement settlement)
    {
        var fault = await DrawAsync(BrokerCall.Settle);
        if (fault.LosesLock)
            LoseLock(lockToken);
        broker().Settle(path, session, lockToken, settlement, transaction: null);

        // The reply was lost, and the client's second attempt found that the lock is gone.
        if (fault.WasDone && !fault.LosesLock)
            broker().Settle(path, session, lockToken, settlement, transaction: null);
    }

    /// <summary>Extends a message's lock; until when.</summary>
    /// <exception cref="BrokerException">The lock is lost.</exception>
    public async Task<DateTimeOffset> RenewMessageLockAsync(Guid lockToken)
    {
        if ((await DrawAsync(BrokerCall.Renew)).LosesLock)
            LoseLock(lockToken);
        return session is null
            ? broker().RenewMessageLock(path, lockToken)
            : throw new InvalidOperationException("In a session it is the session's lock that is renewed.");
    }

    /// <summary>Extends the session's lock; until when.</summary>
    /// <exception cref="BrokerException">The lock is lost.</exception>
    public async Task<DateTimeOffset> RenewSessionLockAsync()
    {
        if ((await DrawAsync(BrokerCall.Renew)).LosesLock)
            LoseLock(Guid.Empty);
        broker().RenewSessionLock(session!);
        return session!.LockedUntil;
    }

    /// <summary>The state of the session, or <see langword="null"/>.</summary>
    public BinaryData? GetSessionState() => broker().GetSessionState(session!);

    /// <summary>Sets the state of the session; <see langword="null"/> removes it.</summary>
    public void SetSessionState(BinaryData? state) => broker().SetSessionState(session!, state);

    /// <summary>Gives the session back at once, with what it has received and not settled, at no cost. Without sessions, locks run out.</summary>
    public void Release()
    {
        // Not through the function, which may throw: the lock knows its broker, and releasing twice is no error.
        session?.Broker.Release(session);
    }

    private async Task<IReadOnlyList<BrokerDelivery>> ReceiveWithFaultsAsync(
        ServiceBusFaults faults, int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        var fault = await faults.DrawAsync(BrokerCall.Receive, cancellationToken);
        var messages = await broker().ReceiveAsync(path, session, max, wait, delete: false, cancellationToken);
        if (fault.LosesLock && messages.Count > 0)
            LoseLock(messages[0].LockToken);
        return messages;
    }

    private async Task<ServiceBusFault> DrawAsync(BrokerCall call) =>
        broker().Faults is { } faults ? await faults.DrawAsync(call, CancellationToken.None) : default;

    private void LoseLock(Guid lockToken) => broker().LoseLock(path, session, lockToken);
}
