using Pipeline.Payloads;
using Pipeline.Storage;
using Pipeline.Testing.Faults;

namespace Pipeline.Testing.Simulated;

/// <summary>Payloads in memory, aged by the simulation's clock, which outlive its processes.</summary>
internal sealed class InMemoryPayloads(TimeProvider clock)
{
    public const string Address = "http://payloads.simulation/payloads";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (byte[] Content, StoredPayload Listed)> _payloads = new(StringComparer.Ordinal);
    private int _etag;

    /// <summary>Whether the store answers nothing.</summary>
    public bool IsDown { get; set; }

    public int PageSize { get; set; } = 100;

    public int Puts { get; private set; }

    public int Gets { get; private set; }

    public List<string> Names
    {
        get
        {
            lock (_gate)
                return [.. _payloads.Keys];
        }
    }

    /// <summary>The payload at an address; <see langword="null"/> if there is none.</summary>
    public ReadOnlyMemory<byte>? Find(string address)
    {
        lock (_gate)
            return _payloads.TryGetValue(address[(Address.Length + 1)..], out var found) ? found.Content : null;
    }

    public IPayloadStore For(FaultPlan plan) => new Process(this, plan);

    private T Run<T>(Func<T> action)
    {
        lock (_gate)
            return IsDown ? throw new StoreUnavailableException("The payload store is down.") : action();
    }

    /// <summary>What one simulated process sees of it.</summary>
    private sealed class Process(InMemoryPayloads owner, FaultPlan plan) : IPayloadStore
    {
        public string AddressOf(string name) => $"{Address}/{name}";

        public string? NameOf(string address) => address.StartsWith(Address + "/", StringComparison.Ordinal) ? address[(Address.Length + 1)..] : null;

        public Task PutAsync(string name, ReadOnlyMemory<byte> content, PayloadOrigin? origin, CancellationToken cancellationToken) =>
            plan.RunAsync("PUT payload " + name, () => Task.FromResult(owner.Run(() =>
            {
                owner.Puts++;
                owner._payloads[name] = (content.ToArray(), new StoredPayload(name, string.Create(CultureInfo.InvariantCulture, $"\"{++owner._etag}\""), owner.Clock.GetUtcNow(), origin));
                return true;
            })));

        public Task<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) =>
            plan.RunAsync("GET payload " + name, () => Task.FromResult(owner.Run(() =>
            {
                owner.Gets++;
                return owner._payloads.TryGetValue(name, out var found) ? found.Content : (ReadOnlyMemory<byte>?)null;
            })));

        public Task<bool> DeleteAsync(string name, string etag, CancellationToken cancellationToken) =>
            plan.RunAsync("DELETE payload " + name, () => Task.FromResult(owner.Run(() =>
                owner._payloads.TryGetValue(name, out var found) && found.Listed.ETag == etag && owner._payloads.Remove(name))));

        public Task<PayloadPage> ListAsync(string? prefix, string? continuation, CancellationToken cancellationToken) =>
            plan.RunAsync("LIST payloads", () => Task.FromResult(owner.Run(() =>
            {
                var rest = owner._payloads.Values.Select(p => p.Listed)
                    .Where(p => p.Name.StartsWith(prefix ?? "", StringComparison.Ordinal) && string.CompareOrdinal(p.Name, continuation ?? "") > 0)
                    .Take(owner.PageSize + 1).ToList();
                return new PayloadPage([.. rest.Take(owner.PageSize)], rest.Count > owner.PageSize ? rest[owner.PageSize - 1].Name : null);
            })));
    }

    private TimeProvider Clock { get; } = clock;
}
