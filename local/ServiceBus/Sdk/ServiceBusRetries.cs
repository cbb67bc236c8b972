using System.Diagnostics.CodeAnalysis;
using System.Transactions;
using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// Calls of the broker with the faults that <c>Local:ServiceBusFaults</c> has happen, and tried again as the official client does:
/// transient failures up to <see cref="ServiceBusRetryOptions.MaxRetries"/> times, nothing within a transaction.
/// </summary>
internal sealed class ServiceBusRetries(ServiceBusRetryOptions options)
{
    private const double Jitter = 0.08;

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Spreads retries.")]
    private readonly Random _random = new();

    /// <param name="broker">The broker.</param>
    /// <param name="kind">What the call does.</param>
    /// <param name="path">The entity, for messages.</param>
    /// <param name="state">What <paramref name="call"/> needs.</param>
    /// <param name="call">The call.</param>
    /// <param name="loseLock">Has the lock expire that the call is about.</param>
    /// <param name="cancellationToken">Ends waits.</param>
    public async Task<T> RunAsync<TState, T>(
        Broker broker,
        BrokerCall kind,
        string path,
        TState state,
        Func<Broker, TState, Task<T>> call,
        Action<Broker, TState>? loseLock,
        CancellationToken cancellationToken)
    {
        if (broker.Faults is not { } faults)
            return await call(broker, state);
        for (var attempt = 1; ; attempt++)
        {
            var fault = await faults.DrawAsync(kind, cancellationToken);
            if (fault.LosesLock)
                loseLock?.Invoke(broker, state);
            if (fault.Reason is not { } reason)
                return await call(broker, state);
            if (fault.WasDone)
                await call(broker, state);
            if (attempt > options.MaxRetries || Transaction.Current is not null)
                throw new ServiceBusException("A fault of Local:ServiceBusFaults.", reason, path);
            await Task.Delay(fault.Wait ?? Delay(attempt), broker.Clock, cancellationToken);
        }
    }

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Spreads retries.")]
    private TimeSpan Delay(int attempt)
    {
        double jitter;
        lock (_random)
            jitter = _random.NextDouble() * Jitter;
        var delay = options.Delay * ((options.Mode == ServiceBusRetryMode.Fixed ? 1 : Math.Pow(2, attempt)) + jitter);
        return delay < options.MaxDelay ? delay : options.MaxDelay;
    }
}
