using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// A Service Bus namespace. Other programs reach it through <see cref="ServiceBusEndpoint"/>, the triggers of the host directly.
/// </summary>
/// <remarks>
/// One lock guards everything. A call holds it for microseconds: it writes one journal record, then changes memory, then
/// hands messages and sessions to those who wait. Nothing is awaited and no foreign code runs under it.
/// </remarks>
internal sealed partial class Broker : IDisposable
{
    private const string DeadLetterSuffix = "/$DeadLetterQueue";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, BrokerEntity> _byPath = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<BrokerEntity> _entities = [];
    private readonly DueQueue<BrokerDueItem> _due = new();
    private readonly BrokerJournal _journal;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private readonly long _tokenSeed;
    private long _tokens;
    private long _armedTicks = long.MaxValue;
    private bool _closed;

    private Broker(BrokerTopology topology, string? directory, TimeProvider clock, ILogger log)
    {
        _clock = clock;
        _log = log;
        _tokenSeed = clock.GetUtcNow().UtcTicks;
        _journal = new BrokerJournal(log);
        (_file, _topology) = (topology, topology);
        Create(topology);
        try
        {
            Restore(directory is null ? null : Path.Combine(directory, "servicebus.journal"));
        }
        catch
        {
            _journal.Dispose();
            throw;
        }

        _timer = clock.CreateTimer(static state => ((Broker)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var held = Enter(out _);
    }

    /// <summary>Opens a namespace, with what it held when it was closed or killed.</summary>
    /// <param name="topology">Its entities.</param>
    /// <param name="directory">Where it keeps servicebus.journal; <see langword="null"/>: in memory.</param>
    /// <param name="clock">Time for locks, schedules and duplicate detection.</param>
    /// <param name="log">Told of recovery, expired locks and the like.</param>
    /// <exception cref="InvalidDataException">The topology or the journal cannot be used; the message says why.</exception>
    /// <exception cref="IOException">Another process has the journal open, or it cannot be read.</exception>
    public static Broker Open(BrokerTopology topology, string? directory, TimeProvider clock, ILogger log)
    {
        topology.Check();
        return new Broker(topology, directory, clock, log);
    }

    /// <summary>
    /// Closes the namespace. What is out for delivery is released without counting as failed; who waits fails with
    /// <see cref="BrokerFailure.ServiceCommunicationProblem"/>.
    /// </summary>
    public void Dispose() => Close(releaseDeliveries: true);

    /// <summary>Ends as by <c>kill -9</c>: what is out for delivery counts as failed when the journal is opened again.</summary>
    public void Kill() => Close(releaseDeliveries: false);

    private void Close(bool releaseDeliveries)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            if (releaseDeliveries)
                ReleaseDeliveries();
            _journal.Dispose();
            _timer?.Dispose();
            FailWaiters();
        }
    }

    private void ReleaseDeliveries()
    {
        try
        {
            _journal.Begin();
            foreach (var queue in _entities.OfType<BrokerQueue>())
            {
                foreach (var message in queue.Sessions.Values.SelectMany(s => s.Lock?.Locked.All ?? []).Concat(queue.Locked.All))
                    _journal.Release(queue, message);
            }

            _journal.Commit();
        }
        catch (IOException error)
        {
            _log.LogWarning(error, "The deliveries in flight could not be released; they will count as failed.");
        }
    }

    private void FailWaiters()
    {
        foreach (var queue in _entities.OfType<BrokerQueue>())
        {
            foreach (var waiter in queue.Acceptors)
                waiter.Fail(ClosedError());
            foreach (var waiter in queue.Sessions.Values.SelectMany(s => s.Lock?.Receivers ?? []).Concat(queue.Receivers))
                waiter.Fail(ClosedError());
        }

        foreach (var waiter in _emptyWaiters)
            waiter.Empty.TrySetException(ClosedError());
    }

    private static BrokerException ClosedError() =>
        new("The Service Bus namespace has been closed.", BrokerFailure.ServiceCommunicationProblem);

    private Held Enter(out DateTimeOffset now)
    {
        _gate.Enter();
        try
        {
            if (_closed)
                throw ClosedError();
            now = _clock.GetUtcNow();
            RunDue(now);
            _journal.Compact(_entities, _runtime.Values);
            return new Held(this);
        }
        catch
        {
            _gate.Exit();
            throw;
        }
    }

    private void WriteRecord(BrokerEntity? entity)
    {
        try
        {
            _journal.Commit();
        }
        catch (IOException error)
        {
            throw new BrokerException("The journal could not be written; nothing was changed.", BrokerFailure.GeneralError, entity?.Path, error);
        }
    }

    /// <summary>A number that no other call gets, hashed so that it looks like one; the clock at the start makes runs differ.</summary>
    private Guid NextGuid()
    {
        Span<long> seed = [_tokenSeed, ++_tokens];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(seed), hash);
        return new Guid(hash[..16]);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _armedTicks = long.MaxValue;
            RunDue(_clock.GetUtcNow());
            Arm();
        }
    }

    private void RunDue(DateTimeOffset now)
    {
        while (_due.First is { } item && item.DueTicks <= now.UtcTicks)
        {
            _due.Remove(item);
            try
            {
                item.Fire(this, now);
            }
            catch (Exception error)
            {
                // Most likely a full disk. Nothing was changed, so it is still due; the caller has no part in it.
                _log.LogError(error, "{Item} was due and failed; it is tried again.", item.GetType().Name);
                _due.Set(item, now.UtcTicks + TimeSpan.TicksPerSecond);
            }
        }
    }

    /// <summary>Sets the one timer to the nearest due time. One that is set too early stays: it sets itself again when it fires.</summary>
    private void Arm()
    {
        if (_due.First is not { } first || first.DueTicks >= _armedTicks)
            return;
        _armedTicks = first.DueTicks;
        var milliseconds = Math.Ceiling(TimeSpan.FromTicks(_armedTicks - _clock.GetUtcNow().UtcTicks).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, TimeSpan.MillisecondsPerDay)), Timeout.InfiniteTimeSpan);
    }

    private BrokerEntity Entity(string path) =>
        _byPath.TryGetValue(path, out var entity)
            ? entity
            : throw new BrokerException(
                $"The messaging entity '{path}' could not be found: there is no such queue, topic or subscription in topology.json.",
                BrokerFailure.MessagingEntityNotFound,
                path);

    private BrokerQueue Queue(string path) => Entity(path) as BrokerQueue
        ?? throw new InvalidOperationException($"'{path}' is a topic: receive from one of its subscriptions.");

    /// <summary>The broker's lock, held.</summary>
    private readonly ref struct Held(Broker broker)
    {
        public void Dispose()
        {
            try
            {
                broker.Arm();
            }
            finally
            {
                broker._gate.Exit();
            }
        }
    }
}
