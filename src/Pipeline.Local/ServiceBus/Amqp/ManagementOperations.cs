using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>The operations of <c>$management</c>. Nothing to tell is <see langword="null"/>.</summary>
internal static class ManagementOperations
{
    /// <summary>So that a reply stays one that a client takes.</summary>
    private const int MaxReplyBytes = 1024 * 1024;

    private const int MaxMessages = 1000;

    public static async Task<AmqpMap?> CarryAsync(AmqpServer server, ManagementRequest request)
    {
        var broker = server.Broker;
        var fault = broker.Faults is { } faults ? await faults.DrawAsync(CallOf(request.Operation), CancellationToken.None) : default;
        if (fault.LosesLock)
            LoseLocks(broker, request);
        fault.ThrowIfNotDone(request.Path);
        var body = request.Operation switch
        {
            "com.microsoft:peek-message" => Peek(broker, request),
            "com.microsoft:receive-by-sequence-number" => ReceiveDeferred(broker, request),
            "com.microsoft:update-disposition" => Settle(broker, request),
            "com.microsoft:renew-lock" => RenewLocks(broker, request),
            "com.microsoft:renew-session-lock" => RenewSession(broker, request),
            "com.microsoft:get-session-state" => GetState(broker, request),
            "com.microsoft:set-session-state" => SetState(broker, request),
            "com.microsoft:schedule-message" => await ScheduleAsync(broker, request),
            "com.microsoft:cancel-scheduled-message" => Cancel(broker, request),
            "com.microsoft:get-message-sessions" => Sessions(broker, request),
            "com.microsoft:batch-delete-messages" => Delete(broker, request),
            "com.microsoft:add-rule" => RuleOperations.Add(broker, request),
            "com.microsoft:remove-rule" => RuleOperations.Remove(broker, request),
            "com.microsoft:enumerate-rules" => RuleOperations.List(broker, request),
            _ => throw new NotSupportedException($"There is no operation '{request.Operation}' here."),
        };
        fault.ThrowIfLost(request.Path);
        return body;
    }

    private static BrokerCall CallOf(string operation) => operation switch
    {
        "com.microsoft:update-disposition" or "com.microsoft:set-session-state" or "com.microsoft:cancel-scheduled-message" => BrokerCall.Settle,
        "com.microsoft:schedule-message" => BrokerCall.Send,
        "com.microsoft:renew-lock" or "com.microsoft:renew-session-lock" => BrokerCall.Renew,
        _ => BrokerCall.Read,
    };

    private static void LoseLocks(Broker broker, ManagementRequest request)
    {
        if (request.SessionId is not null)
            broker.LoseLock(request.Path, request.Session, Guid.Empty);
        else if (request.Operation is "com.microsoft:renew-lock" or "com.microsoft:update-disposition")
            broker.LoseLock(request.Path, null, request.List<Guid>("lock-tokens")[0]);
    }

    private static AmqpMap? Peek(Broker broker, ManagementRequest request)
    {
        var max = Math.Clamp(request.Required<int>("message-count"), 1, MaxMessages);
        var peeked = broker.Peek(request.Path, request.SessionId, max, request.Required<long>("from-sequence-number"));
        return peeked.Count == 0 ? null : new AmqpMap { { "messages".Key(), Encoded(peeked, AmqpMessageEncoder.ToPeeked) } };
    }

    private static AmqpMap ReceiveDeferred(Broker broker, ManagementRequest request)
    {
        var deletes = request.Required<uint>("receiver-settle-mode") == 0;
        var received = broker.ReceiveDeferred(request.Path, request.Session, request.List<long>("sequence-numbers"), deletes);
        return new AmqpMap { { "messages".Key(), Encoded(received, AmqpMessageEncoder.ToReceived, int.MaxValue) } };
    }

    private static List<object> Encoded(IReadOnlyList<BrokerDelivery> deliveries, Func<BrokerDelivery, AmqpMessage> encode, int maxBytes = MaxReplyBytes)
    {
        var entries = new List<object>(deliveries.Count);
        var total = 0L;
        foreach (var delivery in deliveries)
        {
            using var message = encode(delivery);
            var bytes = AmqpMessageEncoder.Encode(message);
            total += bytes.Length;
            if (entries.Count > 0 && total > maxBytes)
                break;
            var entry = new AmqpMap { { "message".Key(), new ArraySegment<byte>(bytes) } };
            if (delivery.LockToken != Guid.Empty)
                entry.Add("lock-token".Key(), delivery.LockToken);
            entries.Add(entry);
        }

        return entries;
    }

    private static AmqpMap Settle(Broker broker, ManagementRequest request)
    {
        var settlement = request.Required<string>("disposition-status") switch
        {
            "completed" => Settlement.Complete,
            "abandoned" => new Settlement(SettlementKind.Abandon, request.Properties("properties-to-modify")),
            "defered" => new Settlement(SettlementKind.Defer, request.Properties("properties-to-modify")),
            "suspended" => new Settlement(
                SettlementKind.DeadLetter,
                request.Properties("properties-to-modify"),
                request.Optional<string>("deadletter-reason"),
                request.Optional<string>("deadletter-description")),
            var status => throw new ArgumentException($"'{status}' is no disposition status: completed, abandoned, defered or suspended is expected."),
        };
        foreach (var token in request.List<Guid>("lock-tokens"))
            broker.Settle(request.Path, request.Session, token, settlement, request.Transaction);
        return new AmqpMap();
    }

    private static AmqpMap RenewLocks(Broker broker, ManagementRequest request)
    {
        var until = request.List<Guid>("lock-tokens").Select(token => broker.RenewMessageLock(request.Path, token).UtcDateTime).ToArray();
        return new AmqpMap { { "expirations".Key(), until } };
    }

    private static AmqpMap RenewSession(Broker broker, ManagementRequest request)
    {
        var session = Held(request);
        broker.RenewSessionLock(session);
        return new AmqpMap { { "expiration".Key(), session.LockedUntil.UtcDateTime } };
    }

    private static AmqpMap GetState(Broker broker, ManagementRequest request)
    {
        var map = new AmqpMap { { "session-state".Key(), null! } };
        if (broker.GetSessionState(Held(request)) is { } state)
            map["session-state".Key()] = AmqpBody.Segment(state.ToMemory());
        return map;
    }

    private static AmqpMap SetState(Broker broker, ManagementRequest request)
    {
        var session = Held(request);
        var state = request.Optional<ArraySegment<byte>>("session-state");
        broker.SetSessionState(session, state.Array is null ? null : BinaryData.FromBytes(state.ToArray()));
        return new AmqpMap();
    }

    private static SessionLock Held(ManagementRequest request) => request.Session ?? throw new ArgumentException($"The request '{request.Operation}' has no 'session-id'.");

    private static async Task<AmqpMap> ScheduleAsync(Broker broker, ManagementRequest request)
    {
        var messages = request.List<AmqpMap>("messages")
            .Select(entry => AmqpMessageDecoder.FromBytes(request.Within(entry).Required<ArraySegment<byte>>("message"))).ToList();
        var numbers = await broker.SendAsync(request.Path, messages, request.Transaction, CancellationToken.None);
        return new AmqpMap { { "sequence-numbers".Key(), numbers.ToArray() } };
    }

    private static AmqpMap Cancel(Broker broker, ManagementRequest request)
    {
        broker.CancelScheduled(request.Path, request.List<long>("sequence-numbers"), request.Transaction);
        return new AmqpMap();
    }

    private static AmqpMap? Sessions(Broker broker, ManagementRequest request)
    {
        var skip = Math.Max(0, request.Optional<int>("skip"));
        var ids = broker.SessionIds(request.Path, skip, Math.Clamp(request.Required<int>("top"), 1, MaxMessages));
        return ids.Count == 0 ? null : new AmqpMap { { "skip".Key(), skip + ids.Count }, { "sessions-ids".Key(), ids.ToArray() } };
    }

    private static AmqpMap? Delete(Broker broker, ManagementRequest request)
    {
        var max = Math.Clamp(request.Required<int>("message-count"), 1, 4000);
        var count = broker.DeleteMessages(request.Path, max, new DateTimeOffset(request.Required<DateTime>("enqueued-time-utc").ToUniversalTime(), TimeSpan.Zero));
        return count == 0 ? null : new AmqpMap { { "message-count".Key(), count } };
    }

    public static MapKey Key(this string name) => new(name);
}
