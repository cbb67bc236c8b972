using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Contracts.Analytics;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Shipping;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Services.Analytics;
using Pipeline.Services.Notifications;
using Pipeline.Services.Reporting;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Order-free consumers: any sequence, several partitions a message, many messages a commit, and one effect each all the same.</summary>
public sealed class UnorderedTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    private readonly Simulation _simulation = new();
    private readonly PickySales _sales = new();
    private SimulatedProcess _process = null!;

    private ConsumerRunner Analytics => Runner("ordering/analytics");

    private ConsumerRunner Reporting => Runner("analytics/reporting");

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.Replace(ServiceDescriptor.Singleton<ISalesSource>(_sales));
        _simulation.Clock.AdvanceTo(Time);
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G4_A_batch_is_one_commit_per_partition_with_an_inbox_record_for_every_message_and_one_announcement()
    {
        var settlements = await Analytics.HandleBatchAsync([.. Enumerable.Range(1, 10).Select(i => Completed(Invariant($"o-{i}"), ("a", 2), ("b", 1)))], default);

        Assert.All(settlements, s => Assert.Equal(SettlementKind.Complete, s.Kind));
        var container = _process.Container(Names.Analytics);
        foreach (var (sku, quantity) in new[] { ("a", 20), ("b", 10) })
        {
            var (sales, number) = await SalesOf(sku);
            Assert.Equal((10, quantity), (sales!.Orders, sales.Quantity));
            Assert.Equal(quantity * 10m, sales.Revenue["EUR"]);
            Assert.Equal(1, number);
        }

        Assert.Equal(20, (await Invariants.AllAsync(container, RecordKinds.Inbox)).Count);
        Assert.All(await Invariants.AllAsync(container, RecordKinds.Head), head => Assert.Equal(1, head.GetProperty("commits").GetInt64()));
        Assert.Equal(2, (await Invariants.AllAsync(container, RecordKinds.Outbox)).Count);
    }

    [Fact]
    public async Task G4_The_same_messages_in_other_batches_in_another_sequence_and_twice_in_one_count_once()
    {
        var all = Enumerable.Range(1, 30).Select(i => Completed(Invariant($"o-{i}"), ("a", 1), ("b", 1))).ToList();
        await Analytics.HandleBatchAsync([.. all.Take(10), all[0], all[3]], default);
        await Analytics.HandleBatchAsync([.. all.Skip(5).Reverse()], default);
        await Analytics.HandleAsync(all[7], default);
        await Analytics.HandleBatchAsync(all, default);

        Assert.Equal(30, (await SalesOf("a")).State!.Orders);
        Assert.Equal(30, (await SalesOf("b")).State!.Orders);
    }

    [Fact]
    public async Task G4_What_a_crash_left_half_done_in_one_partition_is_completed_in_the_others()
    {
        // A process dies after the commit of the first of two partitions: the message comes again.
        var message = Completed("o-1", ("a", 1), ("b", 1));
        var dying = _simulation.Start(new FaultPlan { CrashAt = 3 });
        try
        {
            await dying.Services.GetRequiredService<ConsumerRunners>().RunnerOf("ordering/analytics").HandleAsync(message, default);
        }
        catch (CrashException)
        {
            // As planned.
        }

        Assert.Equal(SettlementKind.Complete, (await Analytics.HandleAsync(message with { DeliveryCount = 2 }, default)).Kind);
        Assert.Equal((1, 1), ((await SalesOf("a")).State!.Orders, (await SalesOf("b")).State!.Orders));
    }

    [Fact]
    public async Task G5_A_bad_message_in_a_batch_fails_alone()
    {
        var noLines = Deliveries.Of(new OrderCompleted("o-2", "c-1", "EUR", 0, []), 7, time: Time);
        var noJson = Completed("o-3") with { Body = "{"u8.ToArray(), MessageId = "broken" };
        var settlements = await Analytics.HandleBatchAsync([Completed("o-1", ("a", 1)), noLines, noJson, Completed("o-4", ("a", 1))], default);

        Assert.Equal(
            [SettlementKind.Complete, SettlementKind.DeadLetter, SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        Assert.Equal([DeadLetterReasons.ContractViolation, DeadLetterReasons.NotJson], settlements.Where(s => s.Reason is not null).Select(s => s.Reason));
        Assert.Equal(2, (await SalesOf("a")).State!.Orders);

        // Nothing is blocked by it: what comes later of the same subject is handled.
        Assert.Equal(SettlementKind.Complete, (await Analytics.HandleAsync(Completed("o-2", ("a", 1)), default)).Kind);
    }

    [Fact]
    public async Task G6_Without_a_schedule_a_message_whose_handler_fails_in_a_batch_fails_alone_and_is_replayed_by_itself()
    {
        await WithoutScheduleAsync();
        _sales.Failing = "b";
        var batch = new[] { Updated("a", 1), Updated("b", 1), Updated("c", 1) };
        var first = await Reporting.HandleBatchAsync(batch, default);
        Assert.Equal([SettlementKind.Complete, SettlementKind.Abandon, SettlementKind.Complete], first.Select(s => s.Kind));

        // At the last delivery that the limit allows it goes to the ledger, with what the handler said.
        var last = await Reporting.HandleBatchAsync([batch[1] with { DeliveryCount = 5 }], default);
        Assert.Equal(SettlementKind.DeadLetter, Assert.Single(last).Kind);
        var entry = Assert.Single((await DeadLetterQueries.ListAsync(_process.Store(Names.Reporting), new DeadLetterFilter { Open = true }, 10, null, default)).Items);
        Assert.Contains("no figures of 'b'", entry.Description);
        Assert.False(entry.InOrder);
        _sales.Failing = null;
        var replay = await _process.ReplayAsync(new DeadLetterFilter { Consumer = entry.Consumer });
        await _process.RunUntilQuietAsync();
        Assert.Equal(ReplayStatus.Completed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);

        Assert.Empty((await DeadLetterQueries.ListAsync(_process.Store(Names.Reporting), new DeadLetterFilter { Open = true }, 10, null, default)).Items);
        Assert.Equal(["a", "b", "c"], (await ReportAsync()).Order());
    }

    [Fact]
    public async Task G1_A_batch_that_lost_its_commit_to_another_is_decided_again()
    {
        _sales.OnCall = async () =>
        {
            _sales.OnCall = null;
            await Reporting.HandleAsync(Updated("a", 2), default);
        };
        Assert.Equal(SettlementKind.Complete, Assert.Single(await Reporting.HandleBatchAsync([Updated("a", 1)], default)).Kind);
        Assert.Equal(2, (await Invariants.AllAsync(_process.Container(Names.Reporting), RecordKinds.Inbox)).Count);
    }

    [Fact]
    public async Task G6_A_failure_of_a_replay_that_was_overtaken_does_not_count_against_the_next_one()
    {
        _sales.Failing = "a";
        var message = Updated("a", 1);
        await Reporting.HandleAsync(message with { DeliveryCount = 5 }, default);
        var store = _process.Store(Names.Reporting);
        var entry = Assert.Single((await DeadLetterQueries.ListAsync(store, new DeadLetterFilter { Open = true }, 10, null, default)).Items);
        var replay = message.AsReplayOf(entry.Id) with { SessionId = entry.Partition };

        // While the last attempt at it fails, another delivery of it has failed already: its lock was lost.
        var last = _sales.Calls + new ConsumerOptions().AttemptsPerDelivery;
        _sales.OnCall = async () =>
        {
            if (_sales.Calls != last)
                return;
            _sales.OnCall = null;
            await Reporting.HandleAsync(replay, default);
        };
        await Reporting.HandleAsync(replay, default);

        Assert.Null(_sales.OnCall);
        Assert.Equal(1, (await DeadLetterQueries.FindAsync(store, new Partition(entry.Partition), new DeadLetterId(entry.Id), default))!.Attempt);
    }

    [Fact]
    public async Task G6_A_message_that_could_not_be_read_is_handled_in_all_its_partitions_once_it_can_be()
    {
        // Its contract was violated when it came; a later version of the app reads it.
        var message = Completed("o-1", ("a", 1), ("b", 2));
        var entry = await UnreadableAsync(message);
        await _process.ReplayAsync(new DeadLetterFilter { Id = entry.Id.Value }, only: true);
        await _process.RunUntilQuietAsync();

        Assert.Equal((1, 1), ((await SalesOf("a")).State!.Orders, (await SalesOf("b")).State!.Orders));
        Assert.Equal("closed", (await DeadLetterQueries.FindAsync(_process.Store(Names.Analytics), new Partition("o-1"), entry.Id, default))!.Status);
    }

    [Fact]
    public async Task A_message_that_could_not_be_read_and_was_discarded_is_never_handled_in_any_of_its_partitions()
    {
        var message = Completed("o-1", ("a", 1), ("b", 2));
        var entry = await UnreadableAsync(message);
        await _process.ReplayAsync(new DeadLetterFilter { Id = entry.Id.Value }, only: true);

        var discards = _process.Services.GetRequiredService<DeadLetterDiscarder>();
        Assert.Equal(DiscardOutcome.Discarded, await discards.DiscardAsync(_process.Store(Names.Analytics), new Partition("o-1"), entry.Id, new("Not ours.", "ann"), default));

        await _process.RunUntilQuietAsync();
        Assert.Equal(SettlementKind.Complete, (await Analytics.HandleAsync(message.AsReplayOf(entry.Id.Value), default)).Kind);
        Assert.Equal(SettlementKind.Complete, (await Analytics.HandleAsync(message with { DeliveryCount = 2 }, default)).Kind);
        Assert.Equal((null, null), ((await SalesOf("a")).State, (await SalesOf("b")).State));
    }

    [Fact]
    public async Task Figures_that_are_older_than_their_announcement_are_asked_for_again()
    {
        _sales.AsOf = 4;
        Assert.Equal(DeadLetterReasons.TransientFailure, (await Reporting.HandleAsync(Updated("a", 5), default)).Reason);
        _sales.AsOf = 6;
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Equal(["a"], await ReportAsync());

        // The sixth announcement brings nothing new, and nobody is asked.
        var calls = _sales.Calls;
        Assert.Equal(SettlementKind.Complete, (await Reporting.HandleAsync(Updated("a", 6), default)).Kind);
        Assert.Equal(calls, _sales.Calls);
    }

    [Fact]
    public async Task G4_Customers_are_told_once_in_whatever_sequence_the_events_come()
    {
        var notify = Runner(Names.Notify);
        var shipped = Deliveries.Of(new OrderShipped("o-1", "DHL", "T1"), 1, "shipping", Time, deliveryCount: 0);
        var placed = Deliveries.Of(new OrderPlaced("o-1", "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]), 1, time: Time, deliveryCount: 0);
        foreach (var delivery in new[] { shipped, placed, shipped, placed })
            Assert.Equal(SettlementKind.Complete, (await notify.HandleAsync(delivery, default)).Kind);

        var emails = await _process.Services.GetRequiredService<IEmailGateway>().FindAsync("o-1", default);
        Assert.Equal(["mail-confirmation-o-1", "mail-shipped-o-1"], emails.Select(e => e.Key).Order());
        Assert.All(emails, e => Assert.Equal("c-1@example.com", e.To));
        Assert.Equal(2, (await Invariants.AllAsync(_process.Container(Names.Notifications), RecordKinds.Outbox)).Sum(r => r.GetProperty("messages").GetArrayLength()));
    }

    [Fact]
    public async Task G6_Without_a_schedule_an_event_that_nobody_counts_deliveries_of_is_given_up_when_it_is_old()
    {
        await WithoutScheduleAsync();
        _sales.Failing = "a";
        var young = Updated("a", 1, _simulation.Clock.GetUtcNow()) with { DeliveryCount = 0 };
        Assert.Equal(SettlementKind.Abandon, (await Reporting.HandleAsync(young, default)).Kind);
        _simulation.Clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(SettlementKind.DeadLetter, (await Reporting.HandleAsync(young, default)).Kind);
    }

    private async Task WithoutScheduleAsync()
    {
        var configure = _simulation.Configure!;
        _simulation.Configure = services =>
        {
            configure(services);
            services.AddSingleton(new ConsumerOptions { Retry = RetrySchedule.None });
        };
        await _process.DisposeAsync();
        _process = _simulation.Start();
    }

    private ConsumerRunner Runner(string consumer) => _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer);

    private Task<(Sales? State, long LastNumber)> SalesOf(string sku) =>
        _process.Services.GetRequiredService<Commands.CommandRunner<Sales>>().ReadWithNumberAsync("sales-20261121-" + sku, default);

    private async Task<List<string>> ReportAsync() =>
        [.. (await Invariants.AllAsync(_process.Container(Names.Reporting), RecordKinds.State))
            .SelectMany(s => s.GetProperty("data").GetProperty("articles").EnumerateObject().Select(a => a.Name))];

    private static ReceivedMessage Completed(string orderId, params (string Sku, int Quantity)[] lines) =>
        Deliveries.Of(new OrderCompleted(orderId, "c-1", "EUR", 10m, [.. lines.Select(l => new OrderLine(l.Sku, l.Quantity, 10m))]), 1, time: Time);

    private static ReceivedMessage Updated(string sku, long number, DateTimeOffset? time = null) =>
        Deliveries.Of(new SalesUpdated("2026-11-21", sku, $"api/sales/2026-11-21/{sku}"), number, "analytics", time ?? Time);

    private sealed class PickySales : ISalesSource
    {
        public string? Failing { get; set; }

        public long AsOf { get; set; } = 100;

        public int Calls { get; private set; }

        public Func<Task>? OnCall { get; set; }

        public async Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken)
        {
            Calls++;
            if (OnCall is { } onCall)
                await onCall();
            var sku = link.Split('/')[^1];
            return sku == Failing
                ? throw new HttpRequestException($"There are no figures of '{sku}' now.")
                : new SalesFigures("2026-11-21", sku, 1, 1, new Dictionary<string, decimal>(), AsOf);
        }
    }

    /// <summary>A message of Analytics in the ledger, as an app made it that could not read it.</summary>
    private async Task<DeadLetter> UnreadableAsync(ReceivedMessage message)
    {
        var entry = new DeadLetter
        {
            Id = new DeadLetterId("dl:ordering~1analytics:ordering:o-1:1"),
            Partition = new Partition("o-1"),
            Consumer = new ConsumerName("ordering/analytics"),
            InOrder = false,
            Position = "1",
            Reason = DeadLetterReasons.ContractViolation,
            Description = "was not readable",
            EventId = new CloudEventId(message.MessageId!),
            Type = "com.contoso.ordering.order-completed.v1",
            Body = message.Body.ToArray(),
            CreatedAt = Time,
        };
        var work = new UnitOfWork(new PartitionHead { Partition = new Partition("o-1") });
        work.CreateGuard(entry.Id.Value, entry, DeadLetterJson.Default.DeadLetter, CommitOutcome.AlreadyDeadLettered);
        await _process.Store(Names.Analytics).CommitAsync(work, default);
        return entry;
    }
}
