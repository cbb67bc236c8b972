using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>The workers that may connect, by id.</summary>
internal sealed class ExpectedWorkers
{
    private readonly ConcurrentDictionary<string, WorkerLink> _links = new(StringComparer.Ordinal);

    public WorkerLink Add(Action<RpcLog> onLog, Action<WorkerLink> onEnd)
    {
        var link = new WorkerLink(RandomNumberGenerator.GetHexString(32, lowercase: true), onLog, onEnd);
        _links[link.WorkerId] = link;
        return link;
    }

    public WorkerLink? Find(string workerId) => _links.GetValueOrDefault(workerId);

    public void Remove(WorkerLink link)
    {
        link.End();
        _links.TryRemove(link.WorkerId, out _);
    }

    public void EndAll()
    {
        foreach (var link in _links.Values)
            Remove(link);
    }
}
