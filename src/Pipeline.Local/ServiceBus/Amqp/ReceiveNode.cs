using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>
/// Hands a client the messages of a queue, subscription or session, as many as it has given credit for. What it does not want after
/// all it releases, and a session that it leaves is given back: both at no cost. Locks of messages without sessions outlive the link.
/// </summary>
internal sealed class ReceiveNode
{
    private const string SessionFilter = "com.microsoft:session-filter";
    private const string NonExclusiveSessionFilter = "com.microsoft:non-exclusive-session-filter";
    private const string LockedUntil = "com.microsoft:locked-until-utc";
    private const int MaxAtOnce = 100;

    private static readonly TimeSpan DefaultAcceptTimeout = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly ClientSession _client;
    private readonly SendingAmqpLink _link;
    private readonly string _path;
    private readonly SessionLock? _session;
    private readonly SettlementNode _settlements;
    private MessageWaiter? _waiter;
    private uint _deliveryCount;
    private bool _closed;

    private ReceiveNode(ClientSession client, SendingAmqpLink link, string path, SessionLock? session)
    {
        (_client, _link, _path, _session) = (client, link, path, session);
        _settlements = new SettlementNode(client, link, path, session);
    }

    private Broker Broker => _client.Client.Server.Broker;

    private bool Deletes => _link.Settings.SettleType == SettleMode.SettleOnSend;

    /// <summary>Opens the link. One that asks for a session is open when that is locked.</summary>
    /// <exception cref="BrokerException">There is no such entity, or no session in time.</exception>
    /// <exception cref="InvalidOperationException">Nothing can be received there, or not so.</exception>
    public static async Task ServeAsync(ClientSession client, SendingAmqpLink link, Source source, string path)
    {
        client.Use(path, receives: true);
        var filters = source.FilterSet;
        if (filters?.Any(f => IsNamed(f.Key, NonExclusiveSessionFilter)) == true)
            throw new InvalidOperationException($"'{NonExclusiveSessionFilter}' is an invalid filter type: sessions are exclusive here.");
        var wantsSession = filters?.Any(f => IsNamed(f.Key, SessionFilter)) == true;
        client.Client.Server.Broker.EnsureReceivable(path, wantsSession);
        var session = wantsSession ? await AcceptAsync(client, link, filters![SessionFilter] as string, path) : null;
        var node = new ReceiveNode(client, link, path, session);
        if (session is not null)
        {
            source.FilterSet = new FilterSet { [SessionFilter] = session.SessionId };
            link.Settings.Properties = new Fields { [LockedUntil] = session.LockedUntil.UtcTicks };
            client.Client.AddSession(link.Name, session);

            // The link stays: its client is told by the next call, which it understands better than a link that ends.
            _ = session.Lost.Task.ContinueWith(_ => client.Client.RemoveSession(link.Name), TaskScheduler.Default);
        }

        link.RegisterCreditListener((_, drain, _) => node.OnCredit(drain));
        link.RegisterDispositionListener(node._settlements.OnDisposition);
        link.SafeAddClosed((_, _) => node.Close());
    }

    private static bool IsNamed(MapKey key, string name) => key.Key is AmqpSymbol symbol && string.Equals(symbol.Value, name, StringComparison.Ordinal);

    private static async Task<SessionLock> AcceptAsync(ClientSession client, SendingAmqpLink link, string? sessionId, string path)
    {
        // Real time, as the client has it, whose own timeout is a little longer.
        using var patience = new CancellationTokenSource(SentProperties.TimeoutOf(link.Settings) ?? DefaultAcceptTimeout);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        link.SafeAddClosed((_, _) => Cancel(gone));
        try
        {
            return await client.Client.Server.Broker.AcceptSessionAsync(path, sessionId, Timeout.InfiniteTimeSpan, gone.Token, isRemote: true);
        }
        catch (OperationCanceledException)
        {
            throw new BrokerException("No session had a message in time.", BrokerFailure.ServiceTimeout, path);
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The session was accepted long ago.
        }
    }

    /// <summary>The client takes more, or wants what is there now and nothing after that.</summary>
    private void OnCredit(bool drain)
    {
        if (drain)
            Drain();
        else
            Pump();
    }

    /// <summary>Sends what can be sent, and waits for more where there is credit left.</summary>
    private void Pump()
    {
        lock (_gate)
        {
            while (!_closed && !_link.IsClosing() && _waiter is null && _link.LinkCredit > 0)
            {
                // Who does not read what it is sent gets no more: it would all be kept in memory.
                if (_client.Client.Stream.Writing is { IsCompleted: false } writing)
                {
                    _ = writing.ContinueWith(static (_, node) => ((ReceiveNode)node!).Pump(), this, TaskScheduler.Default);
                    return;
                }

                if (!Next(out var waiter))
                    return;
                if (waiter is null)
                    continue;
                _waiter = waiter;
                _ = waiter.Task.ContinueWith((_, node) => ((ReceiveNode)node!).OnGiven(waiter), this, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Sends what is there; or says who waits for it. False: nothing can be received any more.</summary>
    private bool Next(out MessageWaiter? waiter)
    {
        waiter = null;
        try
        {
            var max = (int)Math.Min(_link.LinkCredit, MaxAtOnce);
            if (Broker.ReceiveOrWait(_path, _session, max, Deletes, out waiter) is { } received)
                Send(received);
            return true;
        }
        catch (BrokerException)
        {
            // The session's lock is lost, which the client learns when it renews or settles, or the broker has ended.
            return false;
        }
    }

    private void OnGiven(MessageWaiter waiter)
    {
        lock (_gate)
        {
            if (_waiter != waiter)
                return;
            _waiter = null;
            if (waiter.Task.IsCompletedSuccessfully)
                Send(waiter.Task.Result);
            else
                return;
        }

        Pump();
    }

    /// <summary>Sends what is there and uses up the rest of the credit. The library's own answer has no drain flag, which the JavaScript client waits for.</summary>
    private void Drain()
    {
        lock (_gate)
        {
            Withdraw();
            while (_link.LinkCredit > 0 && Next(out var waiter))
            {
                if (waiter is null)
                    continue;
                _waiter = waiter;
                Withdraw();
                if (_link.LinkCredit > 0)
                    break;
            }

            _deliveryCount += _link.LinkCredit;
            _client.SendFlow(new Flow { Handle = _link.LocalHandle, DeliveryCount = _deliveryCount, LinkCredit = 0, Available = 0, Drain = true });
        }
    }

    /// <summary>Waits no longer. What has been given at the same moment is sent.</summary>
    private void Withdraw()
    {
        if (_waiter is not { } waiter)
            return;
        _waiter = null;
        Broker.EndWait(waiter);
        if (waiter.Task.IsCompletedSuccessfully)
            Send(waiter.Task.Result);
    }

    private void Send(IReadOnlyList<BrokerDelivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            if (_closed || _link.IsClosing() || _link.LinkCredit == 0)
            {
                GiveBack(delivery);
                continue;
            }

            _deliveryCount++;
            if (!Deletes)
                _settlements.Sent(delivery.LockToken);
            _link.SendMessageNoWait(AmqpMessageEncoder.ToReceived(delivery), new ArraySegment<byte>(delivery.LockToken.ToByteArray()), AmqpConstants.NullBinary);

            // It ended at this moment, and takes nothing any more.
            if (_link.IsClosing())
                GiveBack(delivery);
            else if (Broker.Faults is { } faults && !Deletes)
                _ = DrawAsync(faults, delivery);
        }
    }

    private async Task DrawAsync(ServiceBusFaults faults, BrokerDelivery delivery)
    {
        if ((await faults.DrawAsync(BrokerCall.Receive, CancellationToken.None)).LosesLock)
            Broker.LoseLock(_path, _session, delivery.LockToken);
    }

    private void GiveBack(BrokerDelivery delivery)
    {
        if (!Deletes)
            Broker.GiveBack(_path, _session, delivery.LockToken);
    }

    /// <summary>The link has ended: by the client, with its connection, or because it was not to be.</summary>
    private void Close()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            Withdraw();
        }

        if (_session is null)
            return;
        Broker.Release(_session);
    }
}
