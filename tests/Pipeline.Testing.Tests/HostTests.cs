using Pipeline.AzureFunctions;
using Pipeline.InvoiceApp;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.TestingPackage;

public sealed class HostTests
{
    [Fact]
    public async Task What_the_app_sends_is_listed_and_what_the_test_delivers_is_not()
    {
        await using var host = await StartAsync();

        await host.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m));
        await host.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 10m), new() { Sequence = 1 });
        var pending = await host.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 20m), new() { CorrelationId = "flow-7" });

        Assert.DoesNotContain(pending, p => p.Kind == PendingKind.Retry);
        Assert.Empty(host.Published<OrderPlaced>());
        Assert.Equal(
            [(10m, "o-1", "orders:o-1:1", 1L), (20m, "flow-7", "orders:o-1:2", 2L)],
            host.Published<InvoiceIssued>().Select(i => (i.Data.Amount, i.CorrelationId, i.CausationId!, i.Sequence!.Value)));
    }

    [Fact]
    public async Task Mistakes_are_named_as_in_the_simulation()
    {
        await using var host = await StartAsync();

        var handler = await Assert.ThrowsAsync<ArgumentException>(() => host.DeliverAsync(Invoice.OnOrders, new InvoiceIssued("o-1", "1", 1m)));
        var record = Assert.Throws<ArgumentException>(() => host.Published<string>());

        Assert.StartsWith("The consumer 'orders/billing' has no handler for 'InvoiceIssued'", handler.Message, StringComparison.Ordinal);
        Assert.Contains("'System.String' is not in the catalog of the app", record.Message, StringComparison.Ordinal);
    }

    private static Task<PipelineHost> StartAsync() => PipelineHost.StartAsync(new PipelineHostOptions
    {
        FunctionsAssembly = typeof(App).Assembly,
        Functions = ["orders-billing", "orders-billing-dead-letters", "relay-billing"],
        TopologyPath = Path.Combine(AppContext.BaseDirectory, "invoices-topology.json"),
        Configure = builder => builder.Services.AddPipeline(builder.Configuration, App.Definition, App.Configure),
        Settings = InvoiceTests.Settings,
        TimeProvider = new ManualTimeProvider(),
    });
}
