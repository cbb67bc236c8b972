using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

/// <summary>Whatever receivers do, each session is handled in the order of sending, and nothing is lost or invented.</summary>
public sealed class BrokerSessionOrderTests
{
    private const int Sessions = 7;
    private const int Messages = 300;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    public async Task Random_settling_abandoning_expiring_and_killing_keeps_the_order_of_every_session(int seed, bool onDisk)
    {
        await using var ns = onDisk ? OnDisk() : InMemory();
        var random = new Random(seed);
        var handled = new Dictionary<string, List<int>>();
        var deadLettered = 0;
        var sent = 0;
        while (sent < Messages || ns.Broker.Counts(Work).Active > 0)
        {
            for (var n = random.Next(6); n > 0 && sent < Messages; n--, sent++)
                await ns.SendAsync(Work, Message(Invariant($"{sent}"), Invariant($"s{random.Next(Sessions)}")));
            if (ns.Broker.Counts(Work).Active == 0)
                continue;
            if (onDisk && random.Next(20) == 0)
                ns.Restart(kill: random.Next(2) == 0);
            deadLettered += await HandleSomeAsync(ns, random, handled);
        }

        Assert.Equal(Messages, handled.Values.Sum(ids => ids.Count) + deadLettered);
        Assert.Equal(deadLettered, ns.Broker.Counts(Work).DeadLettered);
        foreach (var ids in handled.Values)
            Assert.Equal(ids.Order().Distinct(), ids);
    }

    [Fact]
    public async Task Many_senders_and_competing_receivers_at_once_keep_the_order_of_every_session()
    {
        const int Receivers = 16;
        const int PerSession = 200;
        await using var ns = OnDisk();
        var handled = Enumerable.Range(0, Sessions).ToDictionary(i => Invariant($"s{i}"), _ => new List<string>());
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var senders = handled.Keys.Select(session => Task.Run(async () =>
        {
            for (var i = 0; i < PerSession; i++)
                await ns.SendAsync(Work, Message(Invariant($"{session}-{i:000}"), session));
        })).ToList();
        var receivers = Enumerable.Range(0, Receivers)
            .Select(seed => Task.Run(() => HandleUntilStoppedAsync(ns, new Random(seed), handled, stop.Token)))
            .ToList();
        await Task.WhenAll(senders);
        await ns.Broker.WaitUntilEmptyAsync([Work], stop.Token);
        await stop.CancelAsync();
        await Task.WhenAll(receivers);

        foreach (var (session, ids) in handled)
            Assert.Equal(Enumerable.Range(0, PerSession).Select(i => Invariant($"{session}-{i:000}")), ids);
    }

    private static async Task HandleUntilStoppedAsync(
        BrokerNamespace ns, Random random, Dictionary<string, List<string>> handled, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await using var receiver = await ns.Client.AcceptNextSessionAsync(Work, null, stop);
                foreach (var message in await receiver.ReceiveMessagesAsync(1 + random.Next(5), null, stop))
                {
                    if (message.DeliveryCount == 1 && random.Next(10) == 0)
                    {
                        await receiver.AbandonMessageAsync(message, null, stop);
                        break;
                    }

                    // No lock: the session's lock is what keeps others out, and that is what is tested.
                    handled[receiver.SessionId].Add(message.MessageId!);
                    await receiver.CompleteMessageAsync(message, CancellationToken.None);
                    await Task.Yield();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    /// <summary>Accepts a session and does something to its head; returns how many messages went to the dead letters.</summary>
    private static async Task<int> HandleSomeAsync(BrokerNamespace ns, Random random, Dictionary<string, List<int>> handled)
    {
        var before = ns.Broker.Counts(Work).DeadLettered;
        var receiver = await ns.AcceptAsync(Work);
        var batch = await receiver.ReceiveMessagesAsync(1 + random.Next(3));
        foreach (var message in batch)
        {
            var choice = random.Next(10);
            if (choice < 6)
            {
                await receiver.CompleteMessageAsync(message);
                if (!handled.TryGetValue(receiver.SessionId, out var ids))
                    handled.Add(receiver.SessionId, ids = []);
                ids.Add(int.Parse(message.MessageId!, CultureInfo.InvariantCulture));
                continue;
            }

            // A message that is not handled holds its session, as every ordered consumer has it.
            if (choice < 8)
                await receiver.AbandonMessageAsync(message);
            else if (choice == 8)
                ns.Clock.Advance(LockDuration);
            break;
        }

        await receiver.CloseAsync();
        return ns.Broker.Counts(Work).DeadLettered - before;
    }
}
