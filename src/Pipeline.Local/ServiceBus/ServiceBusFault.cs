namespace Pipeline.Local.ServiceBus;

/// <summary>A fault; the default is none.</summary>
/// <param name="Reason">What the caller is told; <see langword="null"/>: the call goes on.</param>
/// <param name="WasDone">Whether the call was carried out all the same.</param>
/// <param name="LosesLock">Whether the lock that the call is about, or yields, is lost.</param>
internal readonly record struct ServiceBusFault(
    BrokerFailure? Reason, bool WasDone, bool LosesLock = false)
{
    /// <exception cref="BrokerException">The call fails, and nothing is done.</exception>
    public void ThrowIfNotDone(string path)
    {
        if (Reason is { } reason && !WasDone)
            throw Error(reason, path);
    }

    /// <exception cref="BrokerException">The call was carried out, and its reply gets lost.</exception>
    public void ThrowIfLost(string path)
    {
        if (Reason is { } reason)
            throw Error(reason, path);
    }

    private static BrokerException Error(BrokerFailure reason, string path) => new("A fault of Local:ServiceBusFaults.", reason, path);
}
