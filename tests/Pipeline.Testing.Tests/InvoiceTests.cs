using Pipeline.AzureFunctions;
using Pipeline.Decisions;
using Pipeline.InvoiceApp;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.TestingPackage;

/// <summary>The tests that docs/guide/testing.md shows.</summary>
public sealed class InvoiceTests
{
    /// <summary>The settings of the sample are beside these tests; this app has none of its webhooks.</summary>
    internal static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["Webhooks:carrier:tokenSha256"] = "",
        ["Webhooks:carrier:origins"] = "",
    };

    // DOCS: handler
    [Fact]
    public async Task An_order_gets_an_invoice()
    {
        var context = new HandlerContext { MessageId = "m-1", CorrelationId = "o-1", Partition = "o-1", Now = DateTimeOffset.UnixEpoch };

        var decision = await Invoice.IssueAsync(null, new OrderPlaced("o-1", 42.90m), context, new CountedNumbers(), default);

        Assert.Equal(new Invoice("o-1", "2026-1", 42.90m, Revision: 1), decision.State);
        Assert.Equal([new InvoiceIssued("o-1", "2026-1", 42.90m)], decision.Messages);
    }

    // DOCS: simulation
    [Fact]
    public async Task An_order_that_is_delivered_twice_gets_one_invoice()
    {
        await using var pipeline = PipelineSimulation.Create(App.Definition, options => options.Configure = App.Configure);

        var delivered = await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 42.90m));
        await pipeline.DeliverAgainAsync(delivered);
        await pipeline.RunUntilQuietAsync();

        var issued = Assert.Single(pipeline.Published<InvoiceIssued>());
        Assert.Equal(new InvoiceIssued("o-1", "2026-1", 42.90m), issued.Data);
        Assert.Equal(delivered.Id, issued.CausationId);
        Assert.Equal(1, (await pipeline.StateAsync(Invoice.Document, "billing", "o-1")).Revision);
        Assert.Empty(await pipeline.DeadLettersAsync());
    }

    // DOCS: crash
    [Fact]
    public async Task A_crash_anywhere_leaves_one_invoice_for_each_order()
    {
        var report = await PipelineSimulation.CrashEverywhereAsync(
            App.Definition,
            scenario: async pipeline =>
            {
                await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 42.90m));
                await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-2", 7m));
                await pipeline.RunUntilQuietAsync();
            },
            check: async pipeline =>
            {
                Assert.Equal(["o-1", "o-2"], pipeline.Published<InvoiceIssued>().Select(i => i.Data.OrderId).Order());
                Assert.Equal(1, (await pipeline.StateAsync(Invoice.Document, "billing", "o-1")).Revision);
                Assert.Empty(await pipeline.DeadLettersAsync());
            },
            options => options.Configure = App.Configure);

        Assert.True(report.Crashes > 5);
    }

    // DOCS: host
    [Fact]
    public async Task The_functions_issue_the_invoice()
    {
        await using var host = await PipelineHost.StartAsync(new PipelineHostOptions
        {
            FunctionsAssembly = typeof(App).Assembly,
            Functions = ["orders-billing", "orders-billing-dead-letters", "relay-billing"],
            TopologyPath = Path.Combine(AppContext.BaseDirectory, "invoices-topology.json"),
            Configure = builder => builder.Services.AddPipeline(builder.Configuration, App.Definition, App.Configure),
            Settings = Settings,
            TimeProvider = new ManualTimeProvider(),
        });

        await host.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", 42.90m));

        Assert.Equal(new InvoiceIssued("o-1", "2026-1", 42.90m), Assert.Single(host.Published<InvoiceIssued>()).Data);
    }

    // DOCS: end
}
