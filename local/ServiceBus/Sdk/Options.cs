namespace Azure.Messaging.ServiceBus;

/// <summary>Options of a <see cref="ServiceBusClient"/>.</summary>
public class ServiceBusClientOptions
{
    /// <summary>Timeouts and retries.</summary>
    public ServiceBusRetryOptions RetryOptions { get; set; } = new();

    /// <summary>
    /// Whether a transaction may send to several entities. All operations of the client then go by way of the entity that it
    /// uses first, so that it receives from that one only. Default <see langword="false"/>: one queue, or one topic with its subscriptions.
    /// </summary>
    public bool EnableCrossEntityTransactions { get; set; }

    /// <summary>Ignored: the embedded broker is called in process.</summary>
    public ServiceBusTransportType TransportType { get; set; }

    /// <summary>A name for logs; made up if <see langword="null"/> or empty.</summary>
    public string? Identifier { get; set; }
}

/// <summary>
/// Timeouts and retries of a client. Against the embedded broker nothing fails for a moment but by <c>Local:ServiceBusFaults</c>:
/// these faults are retried. Those that a test injects stand for what is left after the retries.
/// </summary>
public class ServiceBusRetryOptions
{
    private TimeSpan _tryTimeout = TimeSpan.FromMinutes(1);
    private TimeSpan _delay = TimeSpan.FromSeconds(0.8);
    private TimeSpan _maxDelay = TimeSpan.FromMinutes(1);
    private int _maxRetries = 3;

    /// <summary>How delays grow. Default exponential.</summary>
    public ServiceBusRetryMode Mode { get; set; } = ServiceBusRetryMode.Exponential;

    /// <summary>Number of retries, 0 to 100. Default 3.</summary>
    public int MaxRetries
    {
        get => _maxRetries;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            _maxRetries = value;
        }
    }

    /// <summary>First delay, 1 ms to 5 min. Default 0.8 s.</summary>
    public TimeSpan Delay
    {
        get => _delay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMinutes(5));
            _delay = value;
        }
    }

    /// <summary>Longest delay, not negative. Default 1 min.</summary>
    public TimeSpan MaxDelay
    {
        get => _maxDelay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _maxDelay = value;
        }
    }

    /// <summary>How long an accept or a receive without a wait time of its own waits; more than zero. Default 1 min.</summary>
    public TimeSpan TryTimeout
    {
        get => _tryTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _tryTimeout = value;
        }
    }
}

/// <summary>Options of a <see cref="ServiceBusSender"/>.</summary>
public class ServiceBusSenderOptions
{
    /// <summary>A name for logs; made up if <see langword="null"/> or empty.</summary>
    public string? Identifier { get; set; }
}

/// <summary>Options of a <see cref="ServiceBusReceiver"/>.</summary>
public class ServiceBusReceiverOptions
{
    /// <summary>A name for logs; made up if <see langword="null"/> or empty.</summary>
    public string? Identifier { get; set; }

    /// <summary>Default 0. Anything else is refused: the embedded broker does not prefetch.</summary>
    public int PrefetchCount { get; set; }

    /// <summary>Default <see cref="ServiceBusReceiveMode.PeekLock"/>.</summary>
    public ServiceBusReceiveMode ReceiveMode { get; set; }

    /// <summary>Default <see cref="SubQueue.None"/>.</summary>
    public SubQueue SubQueue { get; set; }
}

/// <summary>Options of a <see cref="ServiceBusSessionReceiver"/>.</summary>
public class ServiceBusSessionReceiverOptions
{
    /// <summary>A name for logs; made up if <see langword="null"/> or empty.</summary>
    public string? Identifier { get; set; }

    /// <summary>Default 0. Anything else is refused: the embedded broker does not prefetch.</summary>
    public int PrefetchCount { get; set; }

    /// <summary>Default <see cref="ServiceBusReceiveMode.PeekLock"/>.</summary>
    public ServiceBusReceiveMode ReceiveMode { get; set; }
}

/// <summary>Options of a <see cref="ServiceBusMessageBatch"/>.</summary>
public class CreateMessageBatchOptions
{
    private long? _maxSizeInBytes;

    /// <summary>Limit of the batch in bytes; <see langword="null"/> for the broker's own, which it may not exceed.</summary>
    public long? MaxSizeInBytes
    {
        get => _maxSizeInBytes;
        set
        {
            if (value is { } bytes)
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes, nameof(value));
            _maxSizeInBytes = value;
        }
    }
}
