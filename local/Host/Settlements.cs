using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Local.Worker;

namespace Pipeline.Local.Hosting;

/// <summary>
/// The messages that functions are handling, by lock token, and the sessions, by id: what a function in another process may settle.
/// As in Azure, both are there only while their invocation runs.
/// </summary>
internal sealed class Settlements(SessionActionsCache sessions)
{
    private readonly ConcurrentDictionary<string, (ServiceBusReceivedMessage Message, ServiceBusMessageActions Actions)> _messages =
        new(StringComparer.OrdinalIgnoreCase);

    public SessionActionsCache Sessions => sessions;

    /// <summary>An invocation begins. Disposing of the result ends it.</summary>
    public IDisposable Add(IReadOnlyList<ServiceBusReceivedMessage> messages, ServiceBusMessageActions actions)
    {
        foreach (var message in messages)
            _messages[message.LockToken] = (message, actions);
        return new Invocation(this, messages);
    }

    /// <summary>The message that is locked under a token; <see langword="null"/>: no invocation has it, or not any more.</summary>
    public (ServiceBusReceivedMessage Message, ServiceBusMessageActions Actions)? Find(string lockToken) =>
        _messages.TryGetValue(lockToken, out var found) ? found : null;

    private sealed class Invocation(Settlements owner, IReadOnlyList<ServiceBusReceivedMessage> messages) : IDisposable
    {
        public void Dispose()
        {
            foreach (var message in messages)
                owner._messages.TryRemove(message.LockToken, out _);
        }
    }
}
