using Microsoft.Extensions.DependencyInjection;
using Pipeline.InvoiceApp;

namespace Pipeline.Tests.TestingPackage;

public sealed class CrashTests
{
    /// <summary>Without a key, each call would give a number: the test finds it.</summary>
    [Fact]
    public async Task A_gateway_call_that_is_not_idempotent_is_found()
    {
        KeylessNumbers? numbers = null;

        var error = await Assert.ThrowsAsync<CrashCheckException>(() => PipelineSimulation.CrashEverywhereAsync(
            App.Definition,
            PlaceAsync,
            _ =>
            {
                Assert.Equal(1, numbers!.Given);
                return Task.CompletedTask;
            },
            options =>
            {
                numbers = new KeylessNumbers();
                options.Services = services => services.AddSingleton<IInvoiceNumbers>(numbers);
            }));

        Assert.Contains("after a crash after operation", error.Message, StringComparison.Ordinal);
        Assert.Contains("(IInvoiceNumbers.NextAsync)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_fails_at_first_does_not_matter_wherever_the_process_dies()
    {
        Numbers? numbers = null;
        var report = await PipelineSimulation.CrashEverywhereAsync(
            App.Definition,
            async pipeline =>
            {
                numbers!.Failure = _ => Numbers.Transient();
                await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
                numbers.Failure = _ => null;
                await pipeline.AdvanceAsync(TimeSpan.FromHours(1));
            },
            async pipeline =>
            {
                Assert.Single(pipeline.Published<InvoiceIssued>());
                Assert.Equal(1, numbers!.Given);
                Assert.Empty(await pipeline.DeadLettersAsync());
            },
            options =>
            {
                numbers = new Numbers();
                options.Services = services => services.AddSingleton<IInvoiceNumbers>(numbers);
            });

        Assert.Contains("IInvoiceNumbers.NextAsync", report.Operations);
        Assert.Contains("send billing", report.Operations);
        Assert.Equal(report.Operations.Count(o => !o.StartsWith("GET ", StringComparison.Ordinal) && !o.StartsWith("QUERY ", StringComparison.Ordinal)) + 1, report.Crashes);
    }

    [Fact]
    public async Task A_check_that_fails_without_a_crash_says_so()
    {
        var error = await Assert.ThrowsAsync<CrashCheckException>(() => PipelineSimulation.CrashEverywhereAsync(
            App.Definition, PlaceAsync, _ => throw new InvalidOperationException("Wrong."), options => options.Configure = App.Configure));

        Assert.Equal("The check failed without a crash: Wrong.", error.Message);
        Assert.Equal("Wrong.", error.InnerException!.Message);
    }

    [Fact]
    public async Task A_scenario_that_fails_without_a_crash_says_so()
    {
        var error = await Assert.ThrowsAsync<CrashCheckException>(() => PipelineSimulation.CrashEverywhereAsync(
            App.Definition, _ => throw new InvalidOperationException("Wrong."), _ => Task.CompletedTask, options => options.Configure = App.Configure));

        Assert.Equal("The scenario failed without a crash: Wrong.", error.Message);
    }

    [Fact]
    public async Task A_scenario_that_does_nothing_is_an_error() => Assert.Contains(
        "does no I/O",
        (await Assert.ThrowsAsync<InvalidOperationException>(() => PipelineSimulation.CrashEverywhereAsync(
            App.Definition, _ => Task.CompletedTask, _ => Task.CompletedTask, options => options.Configure = App.Configure))).Message,
        StringComparison.Ordinal);

    private static async Task PlaceAsync(PipelineSimulation pipeline)
    {
        await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
        await pipeline.RunUntilQuietAsync();
    }

    private sealed class KeylessNumbers : IInvoiceNumbers
    {
        public int Given { get; private set; }

        public Task<string> NextAsync(string key, CancellationToken cancellationToken) => Task.FromResult(Invariant($"2026-{++Given}"));
    }
}
