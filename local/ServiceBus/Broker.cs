using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

#pragma warning disable
internal sealed class SessionLock
{
    public string SessionId => throw new NotSupportedException();
    public DateTimeOffset LockedUntil => throw new NotSupportedException();
}

/// <summary>The embedded broker (being built).</summary>
internal sealed class Broker
{
    public static Broker Find(string ns) => throw new ServiceBusException("No broker.", ServiceBusFailureReason.ServiceCommunicationProblem);
    public Task<SessionLock> AcceptSessionAsync(string path, string? sessionId, TimeSpan wait, CancellationToken ct) => throw new NotSupportedException();
    public Task SendAsync(string path, IReadOnlyList<ServiceBusMessage> messages, CancellationToken ct) => throw new NotSupportedException();
    public Task<IReadOnlyList<long>> ScheduleAsync(string path, IReadOnlyList<ServiceBusMessage> messages, CancellationToken ct) => throw new NotSupportedException();
    public Task CancelScheduledAsync(string path, IReadOnlyList<long> sns, CancellationToken ct) => throw new NotSupportedException();
    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(string path, SessionLock? session, int max, TimeSpan wait, bool delete, CancellationToken ct) => throw new NotSupportedException();
    public IReadOnlyList<ServiceBusReceivedMessage> Peek(string path, SessionLock? session, int max, long from) => throw new NotSupportedException();
    public IReadOnlyList<ServiceBusReceivedMessage> ReceiveDeferred(string path, SessionLock? session, IReadOnlyList<long> sns, bool delete) => throw new NotSupportedException();
    public void Settle(string path, SessionLock? session, ServiceBusReceivedMessage message, Settlement s) => throw new NotSupportedException();
    public DateTimeOffset RenewMessageLock(string path, ServiceBusReceivedMessage message) => throw new NotSupportedException();
    public void RenewSessionLock(SessionLock session) => throw new NotSupportedException();
    public void Release(SessionLock session) => throw new NotSupportedException();
    public BinaryData? GetSessionState(SessionLock session) => throw new NotSupportedException();
    public void SetSessionState(SessionLock session, BinaryData? state) => throw new NotSupportedException();
}
