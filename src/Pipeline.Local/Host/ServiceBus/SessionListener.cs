using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Handles the sessions of an entity: up to <c>maxConcurrentSessions</c> at a time, the messages of each one by one
/// until it has been idle for the session idle timeout, is released by the function, or its lock is lost.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim without wait handle holds nothing; what outlasts the host still releases it.")]
internal sealed class SessionListener : ITriggerListener
{
    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ServiceBusFunctionTrigger _trigger;
    private readonly ListenerServices _services;
    private readonly MessageHandling _handling;
    private readonly ILogger _log;
    private readonly TimeSpan _wait;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<BrokerReceiver, bool> _sessions = new();
    private readonly InFlight _running = new();
    private readonly string _function;
    private Task _accepting = Task.CompletedTask;
    private Work? _loop;

    public SessionListener(HostedFunction function, ServiceBusFunctionTrigger trigger, ListenerServices services)
    {
        _function = function.Name;
        _trigger = trigger;
        _services = services;
        _handling = new MessageHandling(function, trigger, services);
        _log = services.Log(function);
        _wait = trigger.Wait(services.Watch);
        _slots = new SemaphoreSlim(trigger.Settings.MaxConcurrentSessions);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = _services.Watch.Begin(_function, $"accepts sessions of {_trigger.Description}");
        _accepting = Task.Run(AcceptSessionsAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _accepting.WaitAsync(cancellationToken);
            await _running.DrainAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Patience is over: closing the sessions gives their messages back without counting a failed delivery.
            foreach (var session in _services.Watch.IsCrashed ? [] : _sessions.Keys)
                session.Release();
        }

        _loop?.Dispose();
    }

    private async Task AcceptSessionsAsync()
    {
        var stopping = _services.Shutdown.Stopping;
        while (!stopping.IsCancellationRequested)
        {
            var taken = false;
            try
            {
                using (_loop?.WaitFor(new Wait(WaitKind.Slot, string.Create(CultureInfo.InvariantCulture,
                    $"waits until one of {_trigger.Settings.MaxConcurrentSessions} sessions is idle"))))
                    await _slots.WaitAsync(stopping);
                taken = true;
                var session = await AcceptNextAsync(stopping);
                _sessions.TryAdd(session, true);
                _running.Enter();
                var work = _services.Watch.Begin(_function, $"handles session {session.Session!.SessionId} of {_trigger.Description}");
                _ = Task.Run(() => RunSessionAsync(session, work), CancellationToken.None);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (BrokerException error) when (error.Reason == BrokerFailure.ServiceTimeout)
            {
                // No session had a message for that long.
                Release(taken);
            }
            catch (Exception error)
            {
                Release(taken);
                _log.LogError("No session of {Entity} could be accepted: {Problem}", _trigger.Description, error.Message);
                await PauseAsync(stopping);
            }
        }
    }

    private async Task<BrokerReceiver> AcceptNextAsync(CancellationToken cancellationToken)
    {
        var accepted = BrokerReceiver.AcceptNextAsync(_services.Broker, _trigger.Description, _wait, cancellationToken);
        using (_loop?.WaitFor(new Wait(WaitKind.Message, "waits for a session", Queue: _trigger.Description)))
            return await accepted;
    }

    private async Task RunSessionAsync(BrokerReceiver session, Work? work)
    {
        using var ends = work;
        Work.Current = work;
        var stopping = _services.Shutdown.Stopping;
        try
        {
            // Counted from the accept, not from the message: a session that never idles keeps its lock this long at most.
            using var renewal = LockRenewal.Start(
                _services.Time,
                _trigger.Settings.MaxAutoLockRenewalDuration,
                () => session.Session!.LockedUntil,
                session.RenewSessionLockAsync,
                _log);
            while (!stopping.IsCancellationRequested)
            {
                var messages = await ReceiveAsync(session, work, stopping);
                if (messages.Count == 0 || await _handling.HandleAsync(messages, session))
                    break;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (BrokerException error) when (error.Reason == BrokerFailure.SessionLockLost)
        {
            _log.LogWarning("The lock of session {Session} of {Entity} was lost.", session.Session!.SessionId, _trigger.Description);
        }
        catch (Exception error)
        {
            _log.LogError("Session {Session} of {Entity} was given up: {Problem}", session.Session!.SessionId, _trigger.Description, error.Message);
        }
        finally
        {
            if (!_services.Watch.IsCrashed)
                session.Release();
            _sessions.TryRemove(session, out _);
            _slots.Release();
            _running.Leave();
        }
    }

    private async Task<IReadOnlyList<BrokerDelivery>> ReceiveAsync(BrokerReceiver session, Work? work, CancellationToken stopping)
    {
        var received = session.ReceiveAsync(_trigger.MaxMessages, _trigger.Settings.SessionIdleTimeout ?? _trigger.Settings.TryTimeout, stopping);
        using (work?.WaitFor(new Wait(WaitKind.Message, "waits for the session's next message", Queue: _trigger.Description)))
            return await received;
    }

    private void Release(bool taken)
    {
        if (taken)
            _slots.Release();
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        using var waiting = _loop?.WaitFor(new Wait(WaitKind.Time, "pauses after a failure", _services.Time.GetUtcNow() + _pauseAfterFailure));
        try
        {
            await Task.Delay(_pauseAfterFailure, _services.Time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at the token next.
        }
    }
}
