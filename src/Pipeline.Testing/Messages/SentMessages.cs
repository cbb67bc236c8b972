using Pipeline.Messages;

namespace Pipeline.Testing.Messages;

/// <summary>What the app has sent so far, replays aside. It outlives the processes of a simulation.</summary>
internal sealed class SentMessages
{
    private readonly Lock _gate = new();
    private readonly List<SentMessage> _all = [];

    public IReadOnlyList<SentMessage> All
    {
        get
        {
            lock (_gate)
                return [.. _all];
        }
    }

    public void Add(string destination, IEnumerable<OutgoingMessage> messages)
    {
        lock (_gate)
            _all.AddRange(messages.Where(m => m.ReplayFor == OutgoingMessage.Everyone).Select(m => new SentMessage(destination, m.Body, m.NotBefore)));
    }
}
