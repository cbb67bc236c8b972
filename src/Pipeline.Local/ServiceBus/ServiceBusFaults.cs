namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Faults that the real service may show at any time, made to happen to a fraction of the calls:
/// <c>drop=0.02,lost=0.01</c> is a failure of every fiftieth, and a lost reply for every hundredth.
/// </summary>
internal sealed class ServiceBusFaults
{
    /// <summary>What a text may hold, for messages and documentation.</summary>
    public const string Grammar =
        "a list such as 'busy=0.001,drop=0.01,lost=0.01,lock=0.01,redeliver=0.02,latency=0.2:20' of busy (throttled: the official client then " +
        "holds back for 10 seconds), drop (nothing was done), lost (done, the reply tells otherwise), lock (the lock is lost before " +
        "a settlement or renewal), redeliver (the lock is lost right after delivery) and latency (with :ms), each with the fraction of calls from 0 to 1";

    /// <summary>With whether a wait may go with it.</summary>
    private static readonly Dictionary<string, bool> Kinds = new(StringComparer.Ordinal)
    {
        ["busy"] = false,
        ["drop"] = false,
        ["lost"] = false,
        ["lock"] = false,
        ["redeliver"] = false,
        [FaultDraw.Latency] = true,
    };

    private readonly FaultDraw _faults;
    private readonly TimeProvider _clock;

    private ServiceBusFaults(FaultDraw faults, TimeProvider clock) => (_faults, _clock) = (faults, clock);

    /// <param name="text">See <see cref="Grammar"/>.</param>
    /// <param name="random">Draws; used by nobody else, because it is not thread-safe.</param>
    /// <param name="clock">Times delays.</param>
    /// <exception cref="FormatException">The text is not understood.</exception>
    public static ServiceBusFaults Parse(string text, Random random, TimeProvider clock) => new(FaultDraw.Parse(text, Kinds, Grammar, random), clock);

    /// <summary>What becomes of a call, after the delay that it may get.</summary>
    public async Task<ServiceBusFault> DrawAsync(BrokerCall call, CancellationToken cancellationToken)
    {
        foreach (var share in _faults.Shares)
        {
            if (!Concerns(share.Kind, call) || !_faults.Happens(share))
                continue;
            switch (share.Kind)
            {
                case FaultDraw.Latency:
                    await Task.Delay(share.Wait!.Value, _clock, cancellationToken);
                    break;
                case "busy":
                    return new ServiceBusFault(BrokerFailure.ServiceBusy, WasDone: false);
                case "drop":
                    return new ServiceBusFault(BrokerFailure.GeneralError, WasDone: false);
                case "lost":
                    return new ServiceBusFault(BrokerFailure.ServiceTimeout, WasDone: true);
                default:
                    return new ServiceBusFault(null, WasDone: true, LosesLock: true);
            }
        }

        return default;
    }

    private static bool Concerns(string kind, BrokerCall call) => kind switch
    {
        "lost" => call is BrokerCall.Send or BrokerCall.Settle,
        "lock" => call is BrokerCall.Settle or BrokerCall.Renew,
        "redeliver" => call is BrokerCall.Receive,
        _ => true,
    };
}
