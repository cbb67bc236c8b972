using System.Collections.Concurrent;

namespace Pipeline.Local.Hosting;

/// <summary>
/// What a host does for sessions whose messages are being handled, found by session id <em>alone</em>, as in Azure
/// (<c>MessagingProvider.SessionActionsCache</c>). Where functions of one host handle messages of the same session id of several
/// entities at a time, whoever came first is found by all of them, and whoever ends first takes the entry away.
/// </summary>
internal sealed class SessionActionsCache
{
    private readonly ConcurrentDictionary<string, HostSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>Before an invocation. Does nothing where the session id is there already.</summary>
    public void TryAdd(string sessionId, HostSession session) => _sessions.TryAdd(sessionId, session);

    /// <summary>After an invocation, whoever's the entry is.</summary>
    public void Remove(string sessionId) => _sessions.TryRemove(sessionId, out _);

    /// <summary><see langword="null"/>: no invocation has an entry of this session id, or not any more.</summary>
    public HostSession? Find(string sessionId) => _sessions.GetValueOrDefault(sessionId);
}
