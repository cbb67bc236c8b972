using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>Handles the messages of an entity without sessions, up to <c>maxConcurrentCalls</c> at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim without wait handle holds nothing; what outlasts the host still releases it.")]
internal sealed class MessageListener : ITriggerListener
{
    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ServiceBusFunctionTrigger _trigger;
    private readonly ListenerServices _services;
    private readonly MessageHandling _handling;
    private readonly ILogger _log;
    private readonly BrokerReceiver _receiver;
    private readonly TimeSpan _wait;
    private readonly SemaphoreSlim _slots;
    private readonly InFlight _running = new();
    private readonly string _function;
    private Task _receiving = Task.CompletedTask;
    private Work? _loop;

    public MessageListener(HostedFunction function, ServiceBusFunctionTrigger trigger, ListenerServices services)
    {
        _function = function.Name;
        _trigger = trigger;
        _services = services;
        _handling = new MessageHandling(function, trigger, services);
        _log = services.Log(function);
        _receiver = new BrokerReceiver(services.Broker, trigger.Description);
        _wait = trigger.Wait(services.Watch);
        _slots = new SemaphoreSlim(trigger.Settings.MaxConcurrentCalls);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = _services.Watch.Begin(_function, $"receives from {_trigger.Description}");
        _receiving = Task.Run(ReceiveAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _receiving.WaitAsync(cancellationToken);
            await _running.DrainAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Patience is over: what still runs loses its lock in time, as when an Azure instance is taken away.
        }

        _loop?.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var stopping = _services.Shutdown.Stopping;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using (_loop?.WaitFor(new Wait(WaitKind.Slot, "waits for a call to end")))
                    await _slots.WaitAsync(stopping);
                var messages = await ReceiveNextAsync(stopping);
                if (messages.Count == 0)
                {
                    _slots.Release();
                    continue;
                }

                _running.Enter();
                var work = _services.Watch.Begin(_function, $"handles a message of {_trigger.Description}");
                _ = Task.Run(() => HandleAsync(messages, work), CancellationToken.None);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task<IReadOnlyList<BrokerDelivery>> ReceiveNextAsync(CancellationToken stopping)
    {
        try
        {
            var received = _receiver.ReceiveAsync(_trigger.MaxMessages, _wait, stopping);
            using (_loop?.WaitFor(new Wait(WaitKind.Message, "waits for a message", Queue: _trigger.Description)))
                return await received;
        }
        catch (Exception error) when (!stopping.IsCancellationRequested)
        {
            _log.LogError("Nothing could be received from {Entity}: {Problem}", _trigger.Description, error.Message);
            using (_loop?.WaitFor(new Wait(WaitKind.Time, "pauses after a failure", _services.Time.GetUtcNow() + _pauseAfterFailure)))
                await Task.Delay(_pauseAfterFailure, _services.Time, stopping);
            return [];
        }
    }

    private async Task HandleAsync(IReadOnlyList<BrokerDelivery> messages, Work? work)
    {
        using var ends = work;
        Work.Current = work;

        // Azure renews single messages only; a batch has to be done within the lock duration.
        using var renewal = _trigger.IsBatched
            ? null
            : LockRenewal.Start(
                _services.Time,
                _trigger.Settings.MaxAutoLockRenewalDuration,
                () => messages[0].LockedUntil,
                async () => messages[0].OwnLockedUntil = await _receiver.RenewMessageLockAsync(messages[0].LockToken),
                _log);
        try
        {
            await _handling.HandleAsync(messages, _receiver);
        }
        catch (Exception error)
        {
            _log.LogError(error, "A message of {Entity} could not be handled.", _trigger.Description);
        }
        finally
        {
            _slots.Release();
            _running.Leave();
        }
    }
}
