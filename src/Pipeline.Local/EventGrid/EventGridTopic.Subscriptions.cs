using Microsoft.Extensions.Logging;

namespace Pipeline.Local.EventGrid;

/// <content>The subscriptions: those of topology.json, those made at run time, and the handshake with their webhooks.</content>
internal sealed partial class EventGridTopic
{
    /// <summary>Makes a host's functions known: their events go there until the registration is disposed of.</summary>
    /// <param name="address">Where the host serves HTTP.</param>
    /// <param name="functions">The functions with an Event Grid trigger that it runs.</param>
    public IDisposable Register(Uri address, IReadOnlyCollection<string> functions)
    {
        using var held = Enter();
        _hosts.Add(address, functions);
        foreach (var subscription in _subscriptions.Values)
            Pump(subscription);
        return new Registration(this, address);
    }

    /// <summary>Creates a subscription, or changes one that was made at run time. What waits for it is kept.</summary>
    /// <returns>Whether it is new.</returns>
    /// <exception cref="InvalidDataException">The name or a setting is not allowed; the message says why.</exception>
    /// <exception cref="InvalidOperationException">The name is one of topology.json's.</exception>
    /// <exception cref="IOException">The change could not be written.</exception>
    public bool Subscribe(string name, WebhookSubscription settings)
    {
        SubscriptionRules.CheckName(name);
        SubscriptionRules.Check(name, settings);
        var endpoint = SubscriptionRules.CheckEndpoint(name, settings.Endpoint);

        using var held = Enter();
        var isNew = !_subscriptions.TryGetValue(name, out var old);
        if (old is { IsFromTopology: true })
            throw new InvalidOperationException($"'{name}' is a subscription of topology.json: change it there.");
        var keepsConsent = old is { State: SubscriptionState.Active } && old.Endpoint == endpoint;
        var changed = new EventSubscription(name, settings, _clock)
        {
            Id = old?.Id ?? _lastSubscriptionId + 1,
            Endpoint = endpoint,
            State = keepsConsent ? SubscriptionState.Active : SubscriptionState.AwaitingHandshake,
        };
        _journal.Begin();
        _journal.Subscribe(changed);
        _journal.Commit();

        var subscription = old ?? changed;
        _lastSubscriptionId = Math.Max(_lastSubscriptionId, subscription.Id);
        _subscriptions[name] = subscription;
        subscription.Change(settings);
        subscription.Endpoint = endpoint;
        subscription.State = changed.State;
        if (!keepsConsent)
            StartHandshake(subscription);
        return isNew;
    }

    /// <summary>Deletes a subscription made at run time, with everything that waits for it.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="InvalidOperationException">The name is one of topology.json's.</exception>
    /// <exception cref="IOException">The change could not be written.</exception>
    public bool Unsubscribe(string name)
    {
        using var held = Enter();
        if (!_subscriptions.TryGetValue(name, out var subscription))
            return false;
        if (subscription.IsFromTopology)
            throw new InvalidOperationException($"'{name}' is a subscription of topology.json: remove it there.");
        _journal.Begin();
        _journal.Unsubscribe(subscription);
        _journal.Commit();
        _subscriptions.Remove(subscription.Name);
        subscription.Handshake?.Cancel();
        foreach (var delivery in subscription.Deliveries.Values.ToList())
            Forget(delivery);
        _journal.CompactIfWorthwhile(_subscriptions.Values);
        return true;
    }

    private void StartHandshake(EventSubscription subscription)
    {
        subscription.Handshake?.Cancel();
        subscription.FailedHandshakes = 0;
        subscription.HandshakeWarning.Over(); // Another endpoint, or another consent, is warned of anew.
        subscription.LastError = null;
        if (_closing)
            return;
        var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        subscription.Handshake = end;
        _inFlight.Enter();
        Interlocked.Increment(ref _handshakesUnderWay);
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.Topic.ShakeHandsAsync(work.Subscription, work.Endpoint, work.End),
            (Topic: this, Subscription: subscription, Endpoint: subscription.Endpoint!, End: end),
            preferLocal: false);
    }

    private async Task ShakeHandsAsync(EventSubscription subscription, Uri endpoint, CancellationTokenSource end)
    {
        var isUnderWay = true;
        try
        {
            TimeSpan? wait;
            while ((wait = Conclude(subscription, await _webhooks.ShakeHandsAsync(endpoint, end.Token), end.Token)) is { } pause)
            {
                Interlocked.Decrement(ref _handshakesUnderWay);
                isUnderWay = false;
                await Task.Delay(pause, _clock, end.Token);
                Interlocked.Increment(ref _handshakesUnderWay);
                isUnderWay = true;
            }
        }
        catch (OperationCanceledException)
        {
            // Closed, deleted, or another endpoint.
        }
        catch (Exception error)
        {
            _log.LogError(error, "Event Grid: defect in the handshake of {Subscription}.", subscription.Name);
        }
        finally
        {
            if (isUnderWay)
                Interlocked.Decrement(ref _handshakesUnderWay);
            _inFlight.Leave();
        }
    }

    /// <returns>The wait until the next handshake; <see langword="null"/>: there is none.</returns>
    private TimeSpan? Conclude(EventSubscription subscription, AttemptResult result, CancellationToken end)
    {
        using var held = Enter();
        if (_closing || end.IsCancellationRequested)
            return null;
        if (result.IsDelivered)
        {
            subscription.State = SubscriptionState.Active;
            try
            {
                _journal.Begin();
                _journal.Subscribe(subscription);
                _journal.Commit();
                subscription.LastError = null;
                if (subscription.HandshakeWarning.Over())
                    _log.LogInformation("Event Grid: {Subscription} agreed to get events.", subscription.Name);
                Pump(subscription);
                return null;
            }
            catch (IOException error)
            {
                subscription.State = SubscriptionState.AwaitingHandshake;
                result = result with { Error = $"The consent could not be kept. {Logged(error)}" };
            }
        }

        subscription.LastError = result.Error;
        subscription.FailedHandshakes++;
        if (subscription.HandshakeWarning.Met())
        {
            _log.LogWarning(
                "Event Grid: {Subscription} at {Endpoint} gets no events yet, they wait. {Error} The handshake is tried again.",
                subscription.Name, subscription.Endpoint?.GetLeftPart(UriPartial.Path), result.Error);
        }

        return _schedule.AfterFailedHandshake(subscription.FailedHandshakes);
    }

    private void Restore(EventGridTopology topology, EventGridTopicOptions options)
    {
        var replay = new TopicReplay(_journal, _clock);
        _journal.Open(options.Directory is null ? null : Path.Combine(options.Directory, "eventgrid.journal"), replay);
        _lastNumber = replay.LastNumber;
        _lastSubscriptionId = replay.LastId;
        var stored = replay.Subscriptions.ToDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);
        _journal.Begin();
        foreach (var definition in topology.Subscriptions)
        {
            if (RestoreFromTopology(definition, stored.GetValueOrDefault(definition.Name), options) is { } subscription)
                _subscriptions.Add(subscription.Name, subscription);
        }

        foreach (var subscription in stored.Values.Where(s => !_subscriptions.ContainsKey(s.Name)))
        {
            if (!subscription.IsFromTopology)
            {
                _subscriptions.Add(subscription.Name, subscription);
                continue;
            }

            if (subscription.Deliveries.Count > 0)
            {
                _log.LogWarning(
                    "Event Grid: '{Subscription}' is no longer in topology.json, or its endpoint setting is empty; its {Count} events are deleted with it.",
                    subscription.Name, subscription.Deliveries.Count);
            }

            _journal.Unsubscribe(subscription);
            foreach (var delivery in subscription.Deliveries.Values)
                _journal.Removed(delivery);
        }

        _journal.Commit();
        foreach (var delivery in _subscriptions.Values.SelectMany(s => s.Deliveries.Values))
        {
            if (delivery.FailedAttempts > 0)
                delivery.Subscription.FailedDeliveries++;
            if (delivery.DeadLetterReason is null)
                MakeWait(delivery);
            else
                AwaitDeadLetter(delivery);
        }
    }

    /// <returns><see langword="null"/> while its endpoint setting is empty.</returns>
    private EventSubscription? RestoreFromTopology(TopologySubscription definition, EventSubscription? stored, EventGridTopicOptions options)
    {
        Uri? endpoint = null;
        if (definition.EndpointSetting is { } setting)
        {
            var value = options.Settings(setting);
            if (string.IsNullOrWhiteSpace(value))
                return null;
            endpoint = SubscriptionRules.CheckEndpoint($"{definition.Name} (setting {setting})", value.Trim());
        }

        // The webhook's consent is kept; one that had retired is asked again at every start.
        var keepsConsent = endpoint is null || (stored is { State: SubscriptionState.Active } && stored.Endpoint == endpoint);
        var subscription = stored ?? new EventSubscription(definition.Name, definition, _clock) { Id = ++_lastSubscriptionId };
        subscription.Change(definition);
        subscription.Endpoint = endpoint;
        subscription.State = keepsConsent ? SubscriptionState.Active : SubscriptionState.AwaitingHandshake;
        _journal.Subscribe(subscription);
        return subscription;
    }

    private sealed class Registration(EventGridTopic topic, Uri address) : IDisposable
    {
        public void Dispose()
        {
            using var held = topic.Enter();
            topic._hosts.Remove(address);
        }
    }
}
