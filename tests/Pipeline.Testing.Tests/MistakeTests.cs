using Pipeline.AzureFunctions;
using Pipeline.Consumers;
using Pipeline.InvoiceApp;

namespace Pipeline.Tests.TestingPackage;

/// <summary>What is wrong is named, and what to do.</summary>
public sealed class MistakeTests
{
    [Fact]
    public async Task A_record_that_is_not_in_the_catalog()
    {
        await using var pipeline = Create();

        var delivered = await Assert.ThrowsAsync<ArgumentException>(() => pipeline.DeliverAsync(Invoice.OnOrders, new Stranger()));
        var published = Assert.Throws<ArgumentException>(() => pipeline.Published<Stranger>());

        Assert.Equal(delivered.Message, published.Message);
        Assert.Contains("Stranger' is not in the catalog of the app. Put [Event(", delivered.Message, StringComparison.Ordinal);
        Assert.EndsWith("The catalog has InvoiceIssued, OrderPlaced.", delivered.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_without_a_handler()
    {
        await using var pipeline = Create();

        var error = await Assert.ThrowsAsync<ArgumentException>(() => pipeline.DeliverAsync(Invoice.OnOrders, new InvoiceIssued("o-1", "1", 1m)));

        Assert.StartsWith("The consumer 'orders/billing' has no handler for 'InvoiceIssued' (com.contoso.billing.invoice-issued.v1). It handles OrderPlaced.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_that_is_not_in_the_definition()
    {
        await using var pipeline = Create();
        var other = Consumer.Of("orders/shipping", "shipping", Invoice.Document);

        var error = await Assert.ThrowsAsync<ArgumentException>(() => pipeline.DeliverAsync(other, new OrderPlaced("o-1", 1m)));

        Assert.StartsWith("The consumer 'orders/shipping' is not in PipelineDefinition.Consumers.", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("There are orders/billing.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_breaks_its_contract()
    {
        await using var pipeline = Create();

        var error = await Assert.ThrowsAsync<ArgumentException>(() => pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-1", -1m)));

        Assert.StartsWith("This 'OrderPlaced' breaks its contract, so no relay would send it: $.total: -1 is not between 0 and 1000000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_without_state_and_a_service_that_does_not_exist()
    {
        await using var pipeline = Create();
        Assert.Null(await pipeline.FindStateAsync(Invoice.Document, "billing", "o-1"));
        await pipeline.DeliverAsync(Invoice.OnOrders, new OrderPlaced("o-2", 1m));

        var partition = await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.StateAsync(Invoice.Document, "billing", "o-1"));
        var service = await Assert.ThrowsAsync<ArgumentException>(() => pipeline.StateAsync(Invoice.Document, "biling", "o-1"));

        Assert.Equal("'o-1' of 'billing' has no Invoice. Partitions of 'billing' that something was written to: o-2.", partition.Message);
        Assert.StartsWith("There is no service 'biling'. There are billing.", service.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gateway_that_is_not_registered()
    {
        var error = Assert.Throws<InvalidOperationException>(() => PipelineSimulation.Create(App.Definition));

        Assert.Contains("- 'orders/billing' calls the gateway 'IInvoiceNumbers', which is not registered", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_consumer_that_the_topology_does_not_have()
    {
        var definition = App.Definition with { Consumers = [.. App.Definition.Consumers, Consumer.Of("orders/shipping", "shipping", Invoice.Document)] };

        var error = Assert.Throws<InvalidOperationException>(() => PipelineSimulation.Create(definition, options => options.Configure = App.Configure));

        Assert.Contains("- 'orders/shipping' has no subscription or queue in the topology; run:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_generate_has_not_seen()
    {
        await using var whole = Create();
        Assert.Empty(whole.WiringErrors());

        var definition = App.Definition with { Contracts = [.. App.Definition.Contracts.Where(c => c.DataType == typeof(OrderPlaced))], Functions = null };
        await using var pipeline = PipelineSimulation.Create(definition, options => options.Configure = App.Configure);
        Assert.StartsWith($"'{typeof(InvoiceIssued)}' declares a message that is not in the catalog; run: dotnet pipeline generate", Assert.Single(pipeline.WiringErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_is_missing_if_the_functions_are_named()
    {
        await using var pipeline = PipelineSimulation.Create(App.Definition with { Functions = typeof(string).Assembly }, options => options.Configure = App.Configure);
        Assert.Contains(pipeline.WiringErrors(), e => e.StartsWith("The service 'billing' has no relay", StringComparison.Ordinal));
    }

    [Fact]
    public void A_topology_that_does_not_exist() => Assert.StartsWith(
        "nowhere.json does not exist.",
        Assert.Throws<InvalidOperationException>(() => PipelineSimulation.Create(App.Definition, options => options.TopologyPath = "nowhere.json")).Message,
        StringComparison.Ordinal);

    private static PipelineSimulation Create() => PipelineSimulation.Create(App.Definition, options => options.Configure = App.Configure);

    private sealed record Stranger;
}
