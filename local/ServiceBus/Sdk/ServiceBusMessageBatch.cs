using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>Messages that are sent in one piece, all or none.</summary>
public sealed class ServiceBusMessageBatch : IDisposable
{
    private readonly IList<ServiceBusMessage> _messages;
    private readonly Func<ServiceBusMessage, bool>? _accepts;

    internal ServiceBusMessageBatch(long maxSizeInBytes)
    {
        MaxSizeInBytes = maxSizeInBytes;
        SizeInBytes = MessageSize.BatchEnvelopeBytes;
        _messages = [];
    }

    internal ServiceBusMessageBatch(
        long maxSizeInBytes, IList<ServiceBusMessage> store, long statedSize, Func<ServiceBusMessage, bool> accepts)
    {
        MaxSizeInBytes = maxSizeInBytes;
        SizeInBytes = statedSize;
        _messages = store;
        _accepts = accepts;
    }

    /// <summary>Limit in bytes.</summary>
    public long MaxSizeInBytes { get; }

    /// <summary>Size so far in bytes.</summary>
    public long SizeInBytes { get; private set; }

    /// <summary>Number of messages.</summary>
    public int Count => _messages.Count;

    internal IReadOnlyList<ServiceBusMessage> Messages => [.. _messages];

    /// <summary>Adds a message if it fits.</summary>
    /// <returns><see langword="false"/> if it does not fit; the batch is then unchanged.</returns>
    public bool TryAddMessage(ServiceBusMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_accepts is not null)
        {
            if (!_accepts(message))
                return false;
        }
        else
        {
            var size = SizeInBytes + MessageSize.InBatch(message);
            if (size > MaxSizeInBytes)
                return false;
            SizeInBytes = size;
        }

        _messages.Add(message);
        return true;
    }

    /// <summary>Empties the batch.</summary>
    public void Dispose()
    {
        _messages.Clear();
        if (_accepts is null)
            SizeInBytes = MessageSize.BatchEnvelopeBytes;
    }
}
