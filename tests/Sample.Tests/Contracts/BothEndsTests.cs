using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Messages;

namespace Pipeline.Tests.ContractRules;

/// <summary>Contracts are kept where an event is made, and where it is taken.</summary>
public sealed class BothEndsTests : IAsyncLifetime
{
    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    public Task InitializeAsync()
    {
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Theory]
    [InlineData("a b", 1, "$.lines[0].sku: has the character U+0020 at 1")]
    [InlineData("a", 0, "$.lines[0].quantity: 0 is not between 1 and 1000000")]
    public async Task A_commit_whose_event_breaks_its_contract_is_an_error_at_the_source_and_writes_nothing(string sku, int quantity, string wrong)
    {
        var error = await Assert.ThrowsAsync<InvalidMessageException>(() => _process.PlaceAsync("1", "c-1", (sku, quantity)));

        Assert.Contains($"'com.contoso.ordering.order-placed.v2' from 'ordering/o-1' breaks its contract: {wrong}", error.Message, StringComparison.Ordinal);
        foreach (var kind in new[] { "head", "inbox", "event", "outbox" })
            Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Ordering), kind));
    }

    [Theory]
    [InlineData("""{"orderId":"o-1","customerId":"c","currency":"EUR","total":1,"lines":[{"sku":"a","quantity":0,"unitPrice":1}]}""", "$.lines[0].quantity: 0 is not between 1 and 1000000")]
    [InlineData("""{"orderId":"o-1","customerId":"c","currency":"EUR","total":1,"lines":[null]}""", "$.lines[0]: is null")]
    [InlineData("""{"orderId":"o-1","customerId":"c","currency":"euro","total":1,"lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "$.currency: has 4 characters; 3 to 3 are allowed")]
    [InlineData("""{"orderId":"o-1","customerId":"c","currency":"EUR","total":"1","lines":[]}""", "$.total: is not a number that fits")]
    [InlineData("""{"orderId":"o-1","customerId":"c","currency":"EUR","total":1,"total":2,"lines":[{"sku":"a","quantity":1,"unitPrice":1}]}""", "$.total: is there twice")]
    [InlineData("""{"orderId":"o-1","customerId":"c","currency":"EUR","total":1}""", "$.lines: is missing")]
    public async Task A_consumer_refuses_what_breaks_the_contract_with_its_path(string data, string wrong)
    {
        var settlement = await HandleAsync(data);
        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.ContractViolation), (settlement.Kind, settlement.Reason));
        Assert.Contains(wrong, settlement.Description, StringComparison.Ordinal);
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Inventory), "inbox"));
    }

    [Fact]
    public async Task A_consumer_passes_over_fields_that_it_does_not_know()
    {
        var settlement = await HandleAsync(
            """{"new":{"a":[1,null]},"orderId":"o-1","customerId":"c","currency":"EUR","total":1,"lines":[{"sku":"a","quantity":1.0,"unitPrice":1,"colour":"red"}],"$type":"x"}""");
        Assert.Equal(SettlementKind.Complete, settlement.Kind);
    }

    private Task<Settlement> HandleAsync(string data)
    {
        var delivery = Deliveries.Of(new OrderPlaced("o-1", "c", "EUR", 1, [new OrderLine("a", 1, 1)]), 1);
        var cloudEvent = JsonNode.Parse(delivery.Body.Span)!.AsObject();
        cloudEvent["data"] = "(data)";
        var body = cloudEvent.ToJsonString().Replace("\"(data)\"", data, StringComparison.Ordinal);
        var runner = _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf("ordering/inventory");
        return runner.HandleAsync(delivery with { Body = System.Text.Encoding.UTF8.GetBytes(body) }, CancellationToken.None);
    }
}
