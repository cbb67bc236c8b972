using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.Client;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.InvoiceApp;

namespace Pipeline.Tests.TestingPackage;

public sealed class SimulationTests
{
    private readonly Numbers _numbers = new();

    [Fact]
    public async Task A_message_that_is_delivered_twice_has_one_effect()
    {
        await using var pipeline = Create();

        var first = await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
        var second = await pipeline.DeliverAgainAsync(first);
        await pipeline.RunUntilQuietAsync();

        Assert.Equal((SettlementKind.Complete, SettlementKind.Complete), (first.Kind, second.Kind));
        Assert.Equal(("orders:o-1:1", 1L), (second.Id, second.Sequence));
        Assert.Equal(1, _numbers.Calls);
        var issued = Assert.Single(pipeline.Published<InvoiceIssued>());
        Assert.Equal(("billing", "o-1", "o-1", "orders:o-1:1", 1L, "billing"), (issued.Source, issued.Subject, issued.CorrelationId, issued.CausationId, issued.Sequence, issued.Destination));
        Assert.Null(issued.NotBefore);
    }

    [Fact]
    public async Task Each_message_has_the_next_sequence_of_its_subject_or_the_attributes_that_are_given()
    {
        await using var pipeline = Create();

        Assert.Equal("orders:o-1:1", (await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 1m))).Id);
        Assert.Equal("orders:o-2:1", (await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-2", 1m))).Id);
        Assert.Equal("orders:o-1:2", (await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 2m), new() { CorrelationId = "flow-7" })).Id);
        Assert.Equal("shop:o-1:9", (await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 3m), new() { Source = "shop", Sequence = 9 })).Id);
        await pipeline.RunUntilQuietAsync();

        Assert.Equal(["o-1", "o-2", "flow-7", "o-1"], pipeline.Published<InvoiceIssued>().OrderBy(i => i.Data.Amount).ThenBy(i => i.Subject).Select(i => i.CorrelationId));
        Assert.Equal(3, (await pipeline.StateAsync(Invoice.Document, "billing", "o-1")).Revision);
    }

    [Fact]
    public async Task What_fails_for_good_blocks_its_subject_until_it_is_replayed_in_order()
    {
        await using var pipeline = Create();
        _numbers.Failure = key => key.Contains("o-1", StringComparison.Ordinal) ? Numbers.Permanent() : null;

        var failed = await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
        var behind = await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 20m));
        var other = await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-2", 30m));
        await pipeline.RunUntilQuietAsync();

        Assert.Equal((SettlementKind.DeadLetter, SettlementKind.DeadLetter, SettlementKind.Complete), (failed.Kind, behind.Kind, other.Kind));
        Assert.Contains("There is no number", failed.Description, StringComparison.Ordinal);
        Assert.Equal(["o-2"], pipeline.Published<InvoiceIssued>().Select(i => i.Data.OrderId));
        var letters = await pipeline.DeadLettersAsync();
        Assert.Equal([failed.Reason!, DeadLetterReasons.BlockedByPredecessor], letters.OrderBy(d => d.Sequence).Select(d => d.Reason));
        Assert.All(letters, d => Assert.Equal(("o-1", "orders/billing", "open"), (d.Partition, d.Consumer, d.Status)));

        _numbers.Failure = _ => null;
        var replay = await pipeline.ReplayAsync(new() { Consumer = "orders/billing" });

        Assert.Equal((ReplayStatus.Completed, 2L), (replay.Status, replay.Sent));
        Assert.Empty(await pipeline.DeadLettersAsync());
        Assert.Equal([10m, 20m], pipeline.Published<InvoiceIssued>().Where(i => i.Subject == "o-1").Select(i => i.Data.Amount));
    }

    [Fact]
    public async Task A_replay_of_nothing_says_that_there_is_nothing()
    {
        await using var pipeline = Create();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.ReplayAsync());

        Assert.StartsWith("The replay was refused: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transient_failure_is_retried_when_it_is_due()
    {
        await using var pipeline = Create(options => options.Settings["Pipeline__Consumers__Retry__First"] = "01:00:00");
        _numbers.Failure = _ => Numbers.Transient();

        await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
        await pipeline.RunUntilQuietAsync();

        var waiting = Assert.Single(await pipeline.DeadLettersAsync());
        Assert.Equal("waitingForRetry", waiting.Status);
        _numbers.Failure = _ => null;
        Assert.Empty(pipeline.Published<InvoiceIssued>());
        await pipeline.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Equal("o-1", Assert.Single(pipeline.Published<InvoiceIssued>()).Subject);
        Assert.Empty(await pipeline.DeadLettersAsync());
    }

    [Fact]
    public async Task A_retry_is_not_made_before_it_is_due()
    {
        await using var pipeline = Create(options => options.Settings["Pipeline:Consumers:Retry:First"] = "01:00:00");
        _numbers.Failure = _ => Numbers.Transient();
        await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
        await pipeline.RunUntilQuietAsync();
        var due = Assert.Single(await pipeline.DeadLettersAsync()).RetryAt!.Value;
        var calls = _numbers.Calls;

        await pipeline.AdvanceAsync(due - pipeline.Clock.GetUtcNow() - TimeSpan.FromMinutes(2));
        Assert.Equal(calls, _numbers.Calls);
        await pipeline.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.True(_numbers.Calls > calls);
    }

    [Fact]
    public async Task A_command_runs_on_the_services_of_the_simulation()
    {
        await using var pipeline = Create();

        var result = await pipeline.Services.GetRequiredService<CommandRunner<Invoice>>().RunAsync(
            new HttpCommand { Partition = "o-1", IdempotencyKey = "k-1", RequestHash = "", Type = "Issue" },
            (_, _) => Decision<Invoice>.Save(new Invoice("o-1", "by hand", 5m, 1)).Publish(new InvoiceIssued("o-1", "by hand", 5m)),
            default);
        await pipeline.RunUntilQuietAsync();

        Assert.Equal(CommandOutcome.Accepted, result.Outcome);
        Assert.Equal("by hand", Assert.Single(pipeline.Published<InvoiceIssued>()).Data.Number);
    }

    [Fact]
    public async Task After_a_crash_another_process_continues_with_what_was_stored()
    {
        await using var pipeline = Create();
        await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
        var before = pipeline.Services;
        Assert.Empty(pipeline.Published<InvoiceIssued>());

        pipeline.Crash();
        await pipeline.RunUntilQuietAsync();

        Assert.NotSame(before, pipeline.Services);
        Assert.Single(pipeline.Published<InvoiceIssued>());
    }

    private PipelineSimulation Create(Action<PipelineSimulationOptions>? more = null) => PipelineSimulation.Create(App.Definition, options =>
    {
        options.Configure = App.Configure;
        options.Services = services => services.AddSingleton<IInvoiceNumbers>(_numbers);
        more?.Invoke(options);
    });
}
