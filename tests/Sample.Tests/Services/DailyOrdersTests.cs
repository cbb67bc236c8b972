using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Client;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Ordering;
using Pipeline.Services.Payments;
using Pipeline.Services.Reporting;
using Pipeline.Services.Shipping;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>How a day's orders ended: counted from the event that Ordering makes for reports, in any sequence, each order once.</summary>
public sealed class DailyOrdersTests : IAsyncLifetime
{
    private const string Consumer = "ordering/reporting";
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    private ConsumerRunner Reporting => _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer);

    public Task InitializeAsync()
    {
        _simulation.Clock.AdvanceTo(Noon);
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G4_A_batch_is_one_commit_per_part_and_every_order_counts_once_in_whatever_batches_it_comes_again()
    {
        var all = Enumerable.Range(1, 80).Select(i => Closed(Invariant($"o-{i}"), i % 4 == 0 ? "stock" : null)).ToList();
        Assert.All(await Reporting.HandleBatchAsync(all, default), s => Assert.Equal(SettlementKind.Complete, s.Kind));
        var heads = await Invariants.AllAsync(_process.Container(Names.Reporting), RecordKinds.Head);
        Assert.InRange(heads.Count, 12, DailyOrders.Parts);
        Assert.All(heads, head => Assert.Equal(1, head.GetProperty("commits").GetInt64()));

        await Reporting.HandleBatchAsync([.. all.Skip(30).Reverse(), all[0], all[0]], default);
        await Reporting.HandleAsync(all[7], default);
        AssertCounts((60, 20), await DayAsync("2026-11-21"));
    }

    [Fact]
    public async Task Every_outcome_is_counted_for_what_it_was()
    {
        await Reporting.HandleBatchAsync(
            [
                Closed("o-1"), Closed("o-2"), Closed("o-3", currency: "USD"), Closed("o-4", "customer"), Closed("o-5", "payment"), Closed("o-6", "shipping"), Closed("o-7", "stock"),
                Closed("o-8", "stock"), Deliveries.Of(new OrderClosed("o-9", "cancelled", "EUR", 20.5m, 2, 3, Noon, Noon), 3, time: Noon),
            ],
            default);

        var day = await DayAsync("2026-11-21");
        Assert.Equal(3, day.Completed);
        Assert.Equal([("customer", 1), ("payment", 1), ("shipping", 1), ("stock", 2), ("unknown", 1)], day.Cancelled.Select(c => (c.Key, c.Value)));
        Assert.Equal([("EUR", 41m), ("USD", 20.5m)], day.Revenue.Select(r => (r.Key, r.Value)));
        Assert.Equal((6, 9), (day.Lines, day.Pieces));
        Assert.Equal(8 * 2.0 / 9, day.MeanMinutes()!.Value, 9);
        Assert.Null(DailyOrders.None("2026-11-21").MeanMinutes());
    }

    /// <summary>The time of the event and that of its handling are another day's; only when it ended counts, in UTC.</summary>
    [Theory]
    [InlineData("2026-11-21T23:59:59.999Z", "2026-11-21")]
    [InlineData("2026-11-22T00:00:00Z", "2026-11-22")]
    [InlineData("2026-11-21T23:30:00-02:00", "2026-11-22")]
    [InlineData("2026-11-22T00:30:00+02:00", "2026-11-21")]
    public async Task An_order_counts_for_the_day_on_which_it_ended(string closedAt, string day)
    {
        await Reporting.HandleAsync(Closed("o-1", closedAt: DateTimeOffset.Parse(closedAt, CultureInfo.InvariantCulture)), default);
        foreach (var other in new[] { "2026-11-21", "2026-11-22" })
            AssertCounts((other == day ? 1 : 0, 0), await DayAsync(other));
    }

    /// <summary>Clocks of two hosts may differ: less than no time would make the others' mean wrong.</summary>
    [Fact]
    public async Task An_order_that_seems_to_have_ended_before_it_was_placed_took_no_time()
    {
        await Reporting.HandleBatchAsync([Closed("o-1"), Closed("o-2", closedAt: Noon - TimeSpan.FromMinutes(9))], default);
        Assert.Equal(1, (await DayAsync("2026-11-21")).MeanMinutes());
    }

    [Fact]
    public async Task Whatever_ends_an_order_is_told_to_reports_by_its_own_code()
    {
        await _process.SetStockAsync("a", 10);
        await _process.PlaceAsync("1", "c-1", ("a", 1));
        await _process.PlaceAsync("2", SimulatedPaymentGateway.DeclinedCustomer, ("a", 1));
        await _process.PlaceAsync("3", SimulatedCarrierGateway.UnreachableCustomer, ("a", 1));
        await _process.PlaceAsync("4", "c-1", ("none", 1));
        await _process.PlaceAsync("5", "c-1", ("a", 1));
        await _process.CancelAsync("o-5");
        await _process.RunUntilQuietAsync();

        var day = await DayAsync("2026-11-21");
        Assert.Equal(1, day.Completed);
        Assert.Equal([("customer", 1), ("payment", 1), ("shipping", 1), ("stock", 1)], day.Cancelled.Select(c => (c.Key, c.Value)));
        await Invariants.CheckAsync(_process.Container, new Dictionary<string, int> { ["a"] = 10 });
    }

    /// <summary>Killed at every third I/O of the whole life of three orders.</summary>
    [Fact]
    public async Task G9_G4_A_crash_anywhere_changes_no_figure()
    {
        var (clean, operations) = await RunAsync(null, before: false);
        Assert.Equal("1, stock 1 customer 1, EUR 20, 1 lines, 2 pieces", clean);
        var writes = FaultPlan.CrashPoints(operations).ToList();
        for (var i = 0; i < writes.Count; i += 2)
            Assert.Equal(clean, (await RunAsync(writes[i], before: i % 4 == 0)).Result);
    }

    [Fact]
    public async Task G6_What_breaks_the_contract_goes_to_the_ledger_and_counts_when_it_was_edited_and_replayed()
    {
        var wrong = Deliveries.Of(new OrderClosed("o-1", "lost", "EUR", 20.5m, 2, 3, Noon, Noon), 3, time: Noon);
        var settlements = await Reporting.HandleBatchAsync([wrong, Closed("o-2")], default);
        Assert.Equal([SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        var entry = Assert.Single((await DeadLetterQueries.ListAsync(_process.Store(Names.Reporting), new DeadLetterFilter { Open = true }, 10, null, default)).Items);
        Assert.Equal("$.outcome: is none of completed, cancelled", entry.Description);

        var patch = JsonSerializer.Deserialize<JsonElement>("""[{"op":"replace","path":"/outcome","value":"completed"}]""");
        var edited = await _process.Services.GetRequiredService<DeadLetterEditor>().EditAsync(
            _process.Store(Names.Reporting), new Partition(entry.Partition), new DeadLetterId(entry.Id), MessageEdit.Create(patch, null, "A bug of the producer.", "ann", null, out _)!, default);
        Assert.Equal(EditOutcome.Edited, edited.Outcome);
        var replay = await _process.ReplayAsync(new DeadLetterFilter { Consumer = Consumer });
        await _process.RunUntilQuietAsync();
        Assert.Equal(ReplayStatus.Completed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);
        AssertCounts((2, 0), await DayAsync("2026-11-21"));
    }

    /// <summary>As a release stored it that knew no <see cref="OrderClosed"/> and no reason code.</summary>
    [Fact]
    public async Task An_order_that_an_earlier_release_placed_is_reported_with_its_own_times()
    {
        var container = _process.Container(Names.Ordering);
        var placedAt = _simulation.Clock.GetUtcNow();
        await CreateAsync(container, """{"id":"head","pk":"o-1","kind":"head","number":1,"commits":1,"version":1,"snapshotVersion":0,"consumers":{}}""");
        await CreateAsync(container, $$$"""
            {"id":"ev:0000000000000000001","pk":"o-1","kind":"event","version":1,"time":"{{{placedAt:O}}}","causationId":"k","correlationId":"o-1",
             "data":{"type":"OrderPlaced","orderId":"o-1","customerId":"c-1","currency":"EUR","total":20.5,"lines":[{"sku":"a","quantity":2,"unitPrice":10.25}]}}
            """);
        _simulation.Clock.Advance(TimeSpan.FromMinutes(90));
        Assert.Equal(CommandOutcome.Accepted, (await _process.CancelAsync("o-1")).Outcome);
        await _process.RunUntilQuietAsync();

        var day = await DayAsync("2026-11-21");
        AssertCounts((0, 1), day);
        Assert.Equal(90, day.MeanMinutes()!.Value, 2);
    }

    [Fact]
    public void An_order_that_an_earlier_release_cancelled_is_still_read()
    {
        var events = new[]
        {
            """{"type":"OrderPlaced","orderId":"o-1","customerId":"c-1","currency":"EUR","total":1,"lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""",
            """{"type":"OrderCancelled","reason":"The payment was declined."}""",
        };
        var order = events.Select(e => JsonSerializer.Deserialize(e, OrderingJson.Default.OrderEvent)!).Aggregate((Order?)null, (o, e) => Order.Apply(o, e, Noon))!;
        Assert.Equal((OrderStatus.Cancelled, "The payment was declined.", (ReasonCode?)null), (order.Status, order.Reason, order.ReasonCode));
        Assert.DoesNotContain("code", JsonSerializer.Serialize(new OrderEvent.Cancelled("r"), OrderingJson.Default.OrderEvent), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<(string Result, IReadOnlyList<string> Operations)> RunAsync(int? crashAt, bool before)
    {
        await using var simulation = new Simulation();
        var plan = new FaultPlan { CrashAt = crashAt, Before = before };
        var process = simulation.Start(plan);
        try
        {
            await LiveAsync(process);
        }
        catch (Exception) when (plan.IsDead)
        {
            // Whatever it made of its own death.
        }

        // A run may take an operation less than the one that was counted; the checks are not to die of it.
        plan.CrashAt = null;

        IReadOnlyList<string> operations = [.. plan.Operations];
        if (plan.IsDead)
        {
            process = simulation.Restart();
            await LiveAsync(process);
        }

        var problems = await ReportInvariants.ProblemsAsync(process.Container);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
        var day = await DayAsync(process, "2026-01-01");
        await process.DisposeAsync();
        return (
            Invariant($"{day.Completed}, stock {day.Cancelled.GetValueOrDefault("stock")} customer {day.Cancelled.GetValueOrDefault("customer")}, EUR {day.Revenue["EUR"]:0}, {day.Lines} lines, {day.Pieces} pieces"),
            operations);

        static async Task LiveAsync(SimulatedProcess process)
        {
            await process.SetStockAsync("a", 10);
            await process.PlaceAsync("1", "c-1", ("a", 2));
            await process.PlaceAsync("2", "c-2", ("none", 1));
            await process.PlaceAsync("3", "c-3", ("a", 1));
            await process.CancelAsync("o-3");
            await process.RunUntilQuietAsync();
        }
    }

    private static async Task CreateAsync(Container container, string json)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        using var response = await container.CreateItemStreamAsync(stream, new PartitionKey("o-1"));
        response.EnsureSuccessStatusCode();
    }

    private static void AssertCounts((int Completed, int Cancelled) expected, DailyOrders day) => Assert.Equal(expected, (day.Completed, day.Cancelled.Values.Sum()));

    private Task<DailyOrders> DayAsync(string day) => DayAsync(_process, day);

    private static async Task<DailyOrders> DayAsync(SimulatedProcess process, string day)
    {
        var reader = process.Services.GetRequiredService<CommandRunner<DailyOrders>>();
        var parts = new List<DailyOrders>();
        for (var part = 0; part < DailyOrders.Parts; part++)
        {
            if ((await reader.ReadAsync(DailyOrders.PartitionOf(day, part), default)).State is { } state)
                parts.Add(state);
        }

        return DailyOrders.Sum(day, parts);
    }

    private static ReceivedMessage Closed(string orderId, string? code = null, string currency = "EUR", DateTimeOffset? closedAt = null) => Deliveries.Of(
        new OrderClosed(orderId, code is null ? "completed" : "cancelled", currency, 20.5m, 2, 3, Noon - TimeSpan.FromMinutes(2), closedAt ?? Noon, code),
        3,
        time: Noon - TimeSpan.FromDays(3));
}
