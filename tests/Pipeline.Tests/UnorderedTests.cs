using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Order-free consumers: any sequence, several partitions a message, many messages a commit, and one effect each all the same.</summary>
public sealed class UnorderedTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    private readonly Simulation _simulation = new();
    private readonly PickyFigures _figures = new();
    private SimulatedProcess _process = null!;

    private ConsumerRunner Statistics => Runner("bookings/statistics");

    private ConsumerRunner Reports => Runner("statistics/reports");

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.Replace(ServiceDescriptor.Singleton<IFigureSource>(_figures));
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
        var settlements = await Statistics.HandleBatchAsync([.. Enumerable.Range(1, 10).Select(i => Completed(Invariant($"b-{i}"), ("a", 2), ("b", 1)))], default);

        Assert.All(settlements, s => Assert.Equal(SettlementKind.Complete, s.Kind));
        var container = _process.Container(Names.Statistics);
        foreach (var (room, count) in new[] { ("a", 20), ("b", 10) })
        {
            var (statistics, number) = await StatisticsOf(room);
            Assert.Equal((10, count), (statistics!.Bookings, statistics.Count));
            Assert.Equal(count * 10m, statistics.Revenue["EUR"]);
            Assert.Equal(1, number);
        }

        Assert.Equal(20, (await Invariants.AllAsync(container, RecordKinds.Inbox)).Count);
        Assert.All(await Invariants.AllAsync(container, RecordKinds.Head), head => Assert.Equal(1, head.GetProperty("commits").GetInt64()));
        Assert.Equal(2, (await Invariants.AllAsync(container, RecordKinds.Outbox)).Count);
    }

    [Fact]
    public async Task G4_The_same_messages_in_other_batches_in_another_sequence_and_twice_in_one_count_once()
    {
        var all = Enumerable.Range(1, 30).Select(i => Completed(Invariant($"b-{i}"), ("a", 1), ("b", 1))).ToList();
        await Statistics.HandleBatchAsync([.. all.Take(10), all[0], all[3]], default);
        await Statistics.HandleBatchAsync([.. all.Skip(5).Reverse()], default);
        await Statistics.HandleAsync(all[7], default);
        await Statistics.HandleBatchAsync(all, default);

        Assert.Equal(30, (await StatisticsOf("a")).State!.Bookings);
        Assert.Equal(30, (await StatisticsOf("b")).State!.Bookings);
    }

    [Fact]
    public async Task G4_What_a_crash_left_half_done_in_one_partition_is_completed_in_the_others()
    {
        // A process dies after the commit of the first of two partitions: the message comes again.
        var message = Completed("b-1", ("a", 1), ("b", 1));
        var dying = _simulation.Start(new FaultPlan { CrashAt = 3 });
        try
        {
            await dying.Services.GetRequiredService<ConsumerRunners>().RunnerOf("bookings/statistics").HandleAsync(message, default);
        }
        catch (CrashException)
        {
            // As planned.
        }

        Assert.Equal(SettlementKind.Complete, (await Statistics.HandleAsync(message with { DeliveryCount = 2 }, default)).Kind);
        Assert.Equal((1, 1), ((await StatisticsOf("a")).State!.Bookings, (await StatisticsOf("b")).State!.Bookings));
    }

    [Fact]
    public async Task G5_A_bad_message_in_a_batch_fails_alone()
    {
        var noLines = Deliveries.Of(new BookingCompleted("b-2", "g-1", "EUR", 0, []), 7, time: Time);
        var noJson = Completed("b-3") with { Body = "{"u8.ToArray(), MessageId = "broken" };
        var settlements = await Statistics.HandleBatchAsync([Completed("b-1", ("a", 1)), noLines, noJson, Completed("b-4", ("a", 1))], default);

        Assert.Equal(
            [SettlementKind.Complete, SettlementKind.DeadLetter, SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        Assert.Equal([DeadLetterReasons.ContractViolation, DeadLetterReasons.NotJson], settlements.Where(s => s.Reason is not null).Select(s => s.Reason));
        Assert.Equal(2, (await StatisticsOf("a")).State!.Bookings);

        // Nothing is blocked by it: what comes later of the same subject is handled.
        Assert.Equal(SettlementKind.Complete, (await Statistics.HandleAsync(Completed("b-2", ("a", 1)), default)).Kind);
    }

    [Fact]
    public async Task G6_Without_a_schedule_a_message_whose_handler_fails_in_a_batch_fails_alone_and_is_replayed_by_itself()
    {
        await WithoutScheduleAsync();
        _figures.Failing = "b";
        var batch = new[] { Updated("a", 1), Updated("b", 1), Updated("c", 1) };
        var first = await Reports.HandleBatchAsync(batch, default);
        Assert.Equal([SettlementKind.Complete, SettlementKind.Abandon, SettlementKind.Complete], first.Select(s => s.Kind));

        // At the last delivery that the limit allows it goes to the ledger, with what the handler said.
        var last = await Reports.HandleBatchAsync([batch[1] with { DeliveryCount = 5 }], default);
        Assert.Equal(SettlementKind.DeadLetter, Assert.Single(last).Kind);
        var entry = Assert.Single((await DeadLetterQueries.ListAsync(_process.Store(Names.Reports), new DeadLetterFilter { Open = true }, 10, null, default)).Items);
        Assert.Contains("no figures of 'b'", entry.Description);
        Assert.False(entry.InOrder);
        _figures.Failing = null;
        var replay = await _process.ReplayAsync(new DeadLetterFilter { Consumer = entry.Consumer });
        await _process.RunUntilQuietAsync();
        Assert.Equal(ReplayStatus.Completed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);

        Assert.Empty((await DeadLetterQueries.ListAsync(_process.Store(Names.Reports), new DeadLetterFilter { Open = true }, 10, null, default)).Items);
        Assert.Equal(["a", "b", "c"], (await ReportAsync()).Order());
    }

    [Fact]
    public async Task G1_A_batch_that_lost_its_commit_to_another_is_decided_again()
    {
        _figures.OnCall = async () =>
        {
            _figures.OnCall = null;
            await Reports.HandleAsync(Updated("a", 2), default);
        };
        Assert.Equal(SettlementKind.Complete, Assert.Single(await Reports.HandleBatchAsync([Updated("a", 1)], default)).Kind);
        Assert.Equal(2, (await Invariants.AllAsync(_process.Container(Names.Reports), RecordKinds.Inbox)).Count);
    }

    [Fact]
    public async Task G6_A_failure_of_a_replay_that_was_overtaken_does_not_count_against_the_next_one()
    {
        _figures.Failing = "a";
        var message = Updated("a", 1);
        await Reports.HandleAsync(message with { DeliveryCount = 5 }, default);
        var store = _process.Store(Names.Reports);
        var entry = Assert.Single((await DeadLetterQueries.ListAsync(store, new DeadLetterFilter { Open = true }, 10, null, default)).Items);
        var replay = message.AsReplayOf(entry.Id) with { SessionId = entry.Partition };

        // While the last attempt at it fails, another delivery of it has failed already: its lock was lost.
        var last = _figures.Calls + new ConsumerOptions().AttemptsPerDelivery;
        _figures.OnCall = async () =>
        {
            if (_figures.Calls != last)
                return;
            _figures.OnCall = null;
            await Reports.HandleAsync(replay, default);
        };
        await Reports.HandleAsync(replay, default);

        Assert.Null(_figures.OnCall);
        Assert.Equal(1, (await DeadLetterQueries.FindAsync(store, new Partition(entry.Partition), new DeadLetterId(entry.Id), default))!.Attempt);
    }

    [Fact]
    public async Task G6_A_message_that_could_not_be_read_is_handled_in_all_its_partitions_once_it_can_be()
    {
        // Its contract was violated when it came; a later version of the app reads it.
        var message = Completed("b-1", ("a", 1), ("b", 2));
        var entry = await UnreadableAsync(message);
        await _process.ReplayAsync(new DeadLetterFilter { Id = entry.Id.Value }, only: true);
        await _process.RunUntilQuietAsync();

        Assert.Equal((1, 1), ((await StatisticsOf("a")).State!.Bookings, (await StatisticsOf("b")).State!.Bookings));
        Assert.Equal("closed", (await DeadLetterQueries.FindAsync(_process.Store(Names.Statistics), new Partition("b-1"), entry.Id, default))!.Status);
    }

    [Fact]
    public async Task A_message_that_could_not_be_read_and_was_discarded_is_never_handled_in_any_of_its_partitions()
    {
        var message = Completed("b-1", ("a", 1), ("b", 2));
        var entry = await UnreadableAsync(message);
        await _process.ReplayAsync(new DeadLetterFilter { Id = entry.Id.Value }, only: true);

        var discards = _process.Services.GetRequiredService<DeadLetterDiscarder>();
        Assert.Equal(DiscardOutcome.Discarded, await discards.DiscardAsync(_process.Store(Names.Statistics), new Partition("b-1"), entry.Id, new("Not ours.", "ann"), default));

        await _process.RunUntilQuietAsync();
        Assert.Equal(SettlementKind.Complete, (await Statistics.HandleAsync(message.AsReplayOf(entry.Id.Value), default)).Kind);
        Assert.Equal(SettlementKind.Complete, (await Statistics.HandleAsync(message with { DeliveryCount = 2 }, default)).Kind);
        Assert.Equal((null, null), ((await StatisticsOf("a")).State, (await StatisticsOf("b")).State));
    }

    [Fact]
    public async Task Figures_that_are_older_than_their_announcement_are_asked_for_again()
    {
        _figures.AsOf = 4;
        Assert.Equal(DeadLetterReasons.TransientFailure, (await Reports.HandleAsync(Updated("a", 5), default)).Reason);
        _figures.AsOf = 6;
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Equal(["a"], await ReportAsync());

        // The sixth announcement brings nothing new, and nobody is asked.
        var calls = _figures.Calls;
        Assert.Equal(SettlementKind.Complete, (await Reports.HandleAsync(Updated("a", 6), default)).Kind);
        Assert.Equal(calls, _figures.Calls);
    }

    [Fact]
    public async Task G4_Guests_are_told_once_in_whatever_sequence_the_events_come()
    {
        var mail = Runner(Names.Mail);
        var issued = Deliveries.Of(new KeyIssued("b-1", "g-1", "T1"), 1, "keys", Time, deliveryCount: 0);
        var made = Deliveries.Of(new BookingMade("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1, time: Time, deliveryCount: 0);
        foreach (var delivery in new[] { issued, made, issued, made })
            Assert.Equal(SettlementKind.Complete, (await mail.HandleAsync(delivery, default)).Kind);

        var mails = await _process.Services.GetRequiredService<IMailGateway>().FindAsync("b-1", default);
        Assert.Equal(["mail-confirmation-b-1", "mail-key-b-1"], mails.Select(e => e.Key).Order());
        Assert.All(mails, e => Assert.Equal("g-1@example.com", e.To));
        Assert.Equal(2, (await Invariants.AllAsync(_process.Container(Names.Mails), RecordKinds.Outbox)).Sum(r => r.GetProperty("messages").GetArrayLength()));
    }

    [Fact]
    public async Task G6_Without_a_schedule_an_event_that_nobody_counts_deliveries_of_is_given_up_when_it_is_old()
    {
        await WithoutScheduleAsync();
        _figures.Failing = "a";
        var young = Updated("a", 1, _simulation.Clock.GetUtcNow()) with { DeliveryCount = 0 };
        Assert.Equal(SettlementKind.Abandon, (await Reports.HandleAsync(young, default)).Kind);
        _simulation.Clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(SettlementKind.DeadLetter, (await Reports.HandleAsync(young, default)).Kind);
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

    private Task<(RoomStatistics? State, long LastNumber)> StatisticsOf(string room) =>
        _process.Services.GetRequiredService<Commands.CommandRunner<RoomStatistics>>().ReadWithNumberAsync("statistics-20261121-" + room, default);

    private async Task<List<string>> ReportAsync() =>
        [.. (await Invariants.AllAsync(_process.Container(Names.Reports), RecordKinds.State))
            .SelectMany(s => s.GetProperty("data").GetProperty("rooms").EnumerateObject().Select(a => a.Name))];

    private static ReceivedMessage Completed(string bookingId, params (string Room, int Count)[] rooms) =>
        Deliveries.Of(new BookingCompleted(bookingId, "g-1", "EUR", 10m, [.. rooms.Select(r => new BookedRoom(r.Room, r.Count, 10m))]), 1, time: Time);

    private static ReceivedMessage Updated(string room, long number, DateTimeOffset? time = null) =>
        Deliveries.Of(new FiguresChanged("2026-11-21", room, $"2026-11-21/{room}"), number, "statistics", time ?? Time);

    private sealed class PickyFigures : IFigureSource
    {
        public string? Failing { get; set; }

        public long AsOf { get; set; } = 100;

        public int Calls { get; private set; }

        public Func<Task>? OnCall { get; set; }

        public async Task<Figures> GetAsync(string link, CancellationToken cancellationToken)
        {
            Calls++;
            if (OnCall is { } onCall)
                await onCall();
            var room = link.Split('/')[^1];
            return room == Failing
                ? throw new HttpRequestException($"There are no figures of '{room}' now.")
                : new Figures("2026-11-21", room, 1, 1, new Dictionary<string, decimal>(), AsOf);
        }
    }

    /// <summary>A message of Statistics in the ledger, as an app made it that could not read it.</summary>
    private async Task<DeadLetter> UnreadableAsync(ReceivedMessage message)
    {
        var entry = new DeadLetter
        {
            Id = new DeadLetterId("dl:bookings~1statistics:bookings:b-1:1"),
            Partition = new Partition("b-1"),
            Consumer = new ConsumerName("bookings/statistics"),
            InOrder = false,
            Position = "1",
            Reason = DeadLetterReasons.ContractViolation,
            Description = "was not readable",
            EventId = new CloudEventId(message.MessageId!),
            Type = "com.contoso.bookings.booking-completed.v1",
            Body = message.Body.ToArray(),
            CreatedAt = Time,
        };
        var work = new UnitOfWork(new PartitionHead { Partition = new Partition("b-1") });
        work.CreateGuard(entry.Id.Value, entry, DeadLetterJson.Default.DeadLetter, CommitOutcome.AlreadyDeadLettered);
        await _process.Store(Names.Statistics).CommitAsync(work, default);
        return entry;
    }
}
