using System.Collections.Concurrent;

namespace Pipeline.Local.Hosting;

/// <summary>
/// The messages that functions are handling, by lock token, and the sessions, by id: what a function may settle. As in Azure, both are
/// there only while their invocation runs.
/// </summary>
internal sealed class Settlements(SessionActionsCache sessions)
{
    private readonly ConcurrentDictionary<Guid, ServiceBusInvocation> _running = new();

    public SessionActionsCache Sessions => sessions;

    /// <summary>An invocation begins.</summary>
    public void Add(ServiceBusInvocation invocation)
    {
        foreach (var message in invocation.Messages)
            _running[message.LockToken] = invocation;
    }

    /// <summary>An invocation has ended.</summary>
    public void Remove(ServiceBusInvocation invocation)
    {
        foreach (var message in invocation.Messages)
            _running.TryRemove(message.LockToken, out _);
    }

    /// <summary>Who has the message that is locked under a token; <see langword="null"/>: no invocation, or none any more.</summary>
    public ServiceBusInvocation? Find(Guid lockToken) => _running.GetValueOrDefault(lockToken);
}
