using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>A payload lives as long as its outbox record, its message or a dead letter of it, and not much longer.</summary>
public sealed class PayloadCollectorTests
{
    private const string Consumer = "bookings/charges";

    private static readonly TimeSpan Old = TimeSpan.FromDays(3);
    private static readonly TimeSpan OlderThanInbox = TimeSpan.FromDays(31);
    private static readonly Dictionary<string, int> Rooms = new(StringComparer.Ordinal) { ["a"] = 10 };

    [Fact]
    public async Task Everything_that_was_handled_goes_once_it_is_old_enough()
    {
        await using var simulation = NewSimulation();
        await using var process = simulation.Start();
        await BookAsync(process);
        await process.RunUntilQuietAsync();
        var stored = simulation.Payloads.Names.Count;
        Assert.True(stored >= 5, "Facts, commands and replies are stored.");

        Assert.Equal((0, 0), await process.Collector.RunAsync(default));
        simulation.Clock.Advance(Old);
        var (deleted, kept) = await process.Collector.RunAsync(default);
        Assert.Equal(stored, deleted + kept);
        Assert.True(deleted >= 5, "What is handled in order is known to be handled.");

        // Nothing tells that a consumer without order has handled it in all its partitions, except that it is too old.
        simulation.Clock.Advance(OlderThanInbox);
        Assert.Equal((kept, 0), await process.Collector.RunAsync(default));
        Assert.Empty(simulation.Payloads.Names);
    }

    [Fact]
    public async Task G9_A_crash_between_upload_and_commit_leaves_an_orphan_which_is_collected()
    {
        await using var simulation = NewSimulation();
        var plan = new FaultPlan();
        var process = simulation.Start(plan);
        await BookAsync(process);
        var upload = plan.Operations.FindLastIndex(o => o.StartsWith("PUT payload", StringComparison.Ordinal)) + 1;
        await process.DisposeAsync();

        await using var second = NewSimulation();
        var crashing = second.Start(new FaultPlan { CrashAt = upload });
        await Assert.ThrowsAsync<CrashException>(() => BookAsync(crashing));
        var orphans = second.Payloads.Names;
        Assert.Equal(2, orphans.Count); // One for each version of the event.
        await using var next = second.Restart();
        Assert.Equal((0, 0), await next.Collector.RunAsync(default));
        Assert.Equal(orphans, second.Payloads.Names);
        second.Clock.Advance(Old);
        Assert.Equal((2, 0), await next.Collector.RunAsync(default));
        Assert.Empty(second.Payloads.Names);
    }

    [Fact]
    public async Task G2_What_is_not_published_keeps_its_payload_however_old_it_is()
    {
        await using var simulation = NewSimulation();
        await using var process = simulation.Start();
        await BookAsync(process);
        var record = Assert.Single(await Invariants.AllAsync(process.Container(Names.Bookings), RecordKinds.Outbox));
        var payloads = simulation.Payloads.Names;
        Assert.Equal(2, payloads.Count); // One for each version of the event.
        await process.RunUntilQuietAsync();

        // Every consumer has it, but the record is still there: parked, or with another leg that was not published yet.
        await PutBackAsync(process.Container(Names.Bookings), record);
        simulation.Clock.Advance(OlderThanInbox);
        await process.Collector.RunAsync(default);
        Assert.Equal(payloads.Order(StringComparer.Ordinal), simulation.Payloads.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task G2_What_Event_Grid_has_not_taken_keeps_its_payload_however_old_it_is()
    {
        await using var simulation = NewSimulation();
        simulation.EventGrid.OnPublish = _ => throw new HttpRequestException("Event Grid is down.");
        await using var process = simulation.Start();
        await BookAsync(process);
        var made = simulation.Payloads.Names;
        Assert.Equal(2, made.Count); // One for each version of the event.
        await process.RunUntilQuietAsync();
        simulation.Clock.Advance(OlderThanInbox);
        await process.Collector.RunAsync(default);
        Assert.All(made, p => Assert.Contains(p, simulation.Payloads.Names));
    }

    [Fact]
    public async Task G2_A_consumer_that_has_not_handled_the_message_keeps_its_payload_however_old_it_is()
    {
        await using var simulation = NewSimulation();
        await using var process = simulation.Start();
        await BookAsync(process);
        await process.RunUntilQuietAsync(Consumer);
        simulation.Clock.Advance(OlderThanInbox);
        await process.Collector.RunAsync(default);

        // Both versions: either could still be what the consumer gets.
        Assert.Equal(2, simulation.Payloads.Names.Count);
        Assert.All(simulation.Payloads.Names, name => Assert.StartsWith("bookings/b-1/", name, StringComparison.Ordinal));

        await process.RunUntilQuietAsync();
        simulation.Clock.Advance(OlderThanInbox);
        await process.Collector.RunAsync(default);
        Assert.Empty(simulation.Payloads.Names);
    }

    [Fact]
    public async Task G6_An_open_ledger_entry_keeps_its_payload_and_a_replay_still_finds_it()
    {
        await using var simulation = NewSimulation();
        var gateway = new FailingGateway(failing: true);
        Configure(simulation, services => services.AddSingleton<IChargeGateway>(p => gateway.Over(
            new SimulatedChargeGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), simulation.Clock))));
        await using var process = simulation.Start();
        await BookAsync(process);
        await process.RunUntilQuietAsync();
        Assert.Single(await Invariants.AllAsync(process.Container(Names.Charges), RecordKinds.DeadLetter));
        simulation.Clock.Advance(TimeSpan.FromDays(20));
        await process.Collector.RunAsync(default);
        Assert.Single(simulation.Payloads.Names);

        gateway.Lift();
        await process.ReplayAsync(new DeadLetterFilter { Partition = "b-1" });
        await process.RunUntilQuietAsync();
        Assert.Equal((1, 0), await Invariants.CheckAsync(process.Container, Rooms));
        simulation.Clock.Advance(OlderThanInbox);
        await process.Collector.RunAsync(default);
        Assert.Empty(simulation.Payloads.Names);
    }

    [Fact]
    public async Task A_command_that_nobody_handled_keeps_its_payload_as_long_as_it_could_be_handled()
    {
        await using var simulation = NewSimulation();
        await using var process = simulation.Start();
        await BookAsync(process);
        await process.RunUntilQuietAsync("vacancies");
        simulation.Clock.Advance(Old);
        await process.Collector.RunAsync(default);
        Assert.Contains(simulation.Payloads.Names, name => name.StartsWith("rooms/b-1/", StringComparison.Ordinal));
        simulation.Clock.Advance(OlderThanInbox);
        await process.Collector.RunAsync(default);
        Assert.DoesNotContain(simulation.Payloads.Names, name => name.StartsWith("rooms/b-1/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_is_out_of_time_is_gone_on_with_by_the_next_also_after_a_restart()
    {
        await using var simulation = NewSimulation(new PayloadOptions { MaxInlineBytes = 100, CollectorBudget = TimeSpan.Zero });
        var process = simulation.Start();
        for (var i = 1; i <= 6; i++)
            await process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
        simulation.Payloads.PageSize = 4;
        simulation.Clock.Advance(Old);
        var looked = 0;
        for (var run = 1; run <= 4; run++)
        {
            var (deleted, kept) = await process.Collector.RunAsync(default);
            Assert.True(deleted + kept <= 4);
            looked += kept;
            await process.DisposeAsync();
            process = simulation.Start();
        }

        Assert.Equal(12, looked); // Each booking in two versions.
        await process.DisposeAsync();
    }

    [Fact]
    public async Task What_does_not_say_whose_it_is_stays()
    {
        await using var simulation = NewSimulation();
        await using var process = simulation.Start();
        var store = process.Services.GetRequiredService<IPayloadStore>();
        var origin = new PayloadOrigin("bookings", "b-1", 1, 1, "com.contoso.bookings.unheard-of.v1", "b-1", "bookings:b-1:1", true);
        await store.PutAsync("a", "1"u8.ToArray(), null, default);
        await store.PutAsync("b", "1"u8.ToArray(), origin, default);
        simulation.Clock.Advance(OlderThanInbox);
        Assert.Equal((0, 2), await process.Collector.RunAsync(default));
    }

    [Fact]
    public async Task G9_Crash_around_any_io_of_payloads_loses_none_and_leaves_none()
    {
        // The uploads and fetches, and what comes right after each: the commit, or the next read.
        var ios = await RunAsync(null, false);
        var crashes = Enumerable.Range(1, ios.Count).Where(at => ios.Skip(at - 2).Take(at == 1 ? 1 : 2).Any(o => o.Contains(" payload", StringComparison.Ordinal))).ToList();
        Assert.True(crashes.Count > 20);
        foreach (var at in crashes)
        {
            // After one operation is before the next.
            await RunAsync(at, before: true);
            if (!crashes.Contains(at + 1))
                await RunAsync(at, before: false);
        }
    }

    private static async Task<List<string>> RunAsync(int? crashAt, bool before)
    {
        await using var simulation = NewSimulation();
        var plan = new FaultPlan { CrashAt = crashAt, Before = before };
        var process = simulation.Start(plan);
        try
        {
            await ScenarioAsync(process);
        }
        catch (Exception) when (plan.IsDead)
        {
            // As intended.
        }

        // A run may take an operation less than the one that was counted; the checks are not to die of it.
        plan.CrashAt = null;

        if (plan.IsDead)
        {
            // Long after: the collector has been there before anybody went on.
            process = simulation.Restart();
            simulation.Clock.Advance(Old);
            await process.Collector.RunAsync(default);
            await ScenarioAsync(process);
        }

        var operations = plan.Operations.ToList();
        await using (process)
        {
            Assert.Equal((1, 0), await Invariants.CheckAsync(process.Container, Rooms));
            simulation.Clock.Advance(OlderThanInbox);
            await process.Collector.RunAsync(default);
            Assert.True(simulation.Payloads.Names.Count == 0, Invariant($"Crash {(before ? "before" : "after")} {crashAt} {operations[^1]} leaves {simulation.Payloads.Names.FirstOrDefault()}"));
        }

        return operations;
    }

    private static async Task ScenarioAsync(SimulatedProcess process)
    {
        await process.SetRoomsAsync("a", 10);
        await BookAsync(process);
        await process.RunUntilQuietAsync();
    }

    private static async Task BookAsync(SimulatedProcess process)
    {
        await process.SetRoomsAsync("a", 10);
        await process.BookAsync("1", "g-1", ("a", 2));
    }

    private static Simulation NewSimulation(PayloadOptions? options = null)
    {
        var simulation = new Simulation();
        Configure(simulation, null, options);
        return simulation;
    }

    private static void Configure(Simulation simulation, Action<IServiceCollection>? more, PayloadOptions? options = null) =>
        simulation.Configure = services =>
        {
            services.AddSingleton(options ?? new PayloadOptions { MaxInlineBytes = 0 });
            more?.Invoke(services);
        };

    private static async Task PutBackAsync(Container container, System.Text.Json.JsonElement record)
    {
        using var body = new MemoryStream(Outbox.OutboxRecord.Rewrite(record, "by the test", DateTimeOffset.UnixEpoch));
        using var response = await container.CreateItemStreamAsync(body, new PartitionKey(record.GetProperty("pk").GetString()));
        response.EnsureSuccessStatusCode();
    }
}
