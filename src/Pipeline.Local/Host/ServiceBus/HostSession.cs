using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Hosting;

/// <summary>The host's side of a session during one invocation.</summary>
internal sealed class HostSession(BrokerReceiver receiver)
{
    private volatile bool _isReleased;

    public BrokerReceiver Receiver => receiver;

    /// <summary>Whether the session ends after the invocation.</summary>
    public bool IsReleased => _isReleased;

    public void Release() => _isReleased = true;
}
