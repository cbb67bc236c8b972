using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Http;
using Pipeline.Contracts.Ordering;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services;
using Pipeline.Services.Payments;

namespace Pipeline.Tests;

/// <summary>The five questions that every event pipeline has to answer, each asked of the running app once: schema, idempotency, dead letter, replay, end to end.</summary>
public sealed class StrategyTests
{
    [Fact]
    public async Task Schema_An_event_that_breaks_its_contract_is_refused_with_the_path_of_what_is_wrong_and_one_with_more_fields_is_taken()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        const string Euro = """{"value":1,"currency":"EUR"}""";
        await SendPlacedAsync<OrderPlaced>(pipeline, "o-broken", """{"orderId":"o-broken","customerId":"c","currency":"EUR","total":1,"lines":[{"sku":"a","quantity":0,"unitPrice":1}]}""");
        await SendPlacedAsync<OrderPlacedV2>(pipeline, "o-broken", $$"""{"orderId":"o-broken","customerId":"c","total":{{Euro}},"lines":[{"sku":"a","quantity":0,"unitPrice":{{Euro}}}]}""");
        await SendPlacedAsync<OrderPlacedV2>(pipeline, "o-newer", $$"""{"orderId":"o-newer","customerId":"c","total":{{Euro}},"lines":[{"sku":"a","quantity":1,"unitPrice":{{Euro}},"gift":true}],"channel":"web"}""");

        // The newer one belongs to no order, so that what it causes may end in the ledger as well.
        async Task<List<JsonElement>> BrokenAsync() => [.. (await EntriesAsync(pipeline)).Where(e => e.GetProperty("partition").GetString() == "o-broken")];
        await Api.UntilAsync(async () => (await BrokenAsync()).Count == 2, "refused by both consumers that read what is broken");
        Assert.All(await BrokenAsync(), entry =>
        {
            Assert.Equal(("o-broken", DeadLetterReasons.ContractViolation), (entry.GetProperty("partition").GetString(), entry.GetProperty("reason").GetString()));
            Assert.Contains("$.lines[0].quantity", entry.GetProperty("description").GetString());
            Assert.Contains(entry.GetProperty("consumer").GetString(), new[] { "ordering/inventory", "ordering/shipping" });
        });
        await Api.UntilAsync(
            async () => (await Invariants.AllAsync(pipeline.Container(Names.Payments), "inbox")).Any(r => r.GetProperty("subject").GetString() == "o-newer"), "the newer one handled");
    }

    [Fact]
    public async Task Idempotency_The_same_command_and_the_same_messages_over_and_over_have_one_effect()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        pipeline.Platform.Broker.DuplicateMessages(1, new Random(1));
        await pipeline.Http.SetStockAsync("a", 10);
        var ids = new HashSet<string>();
        for (var i = 0; i < 3; i++)
            ids.Add(await pipeline.Http.PlaceAsync("the-same", "c-1", ("a", 2)));
        var order = Assert.Single(ids);
        await pipeline.Http.WaitUntilFinalAsync(ids);
        await pipeline.WaitUntilQuietAsync();

        Assert.Equal(8, (await pipeline.Http.GetFromJsonAsync<JsonElement>("api/stock/a")).GetProperty("available").GetInt32());
        Assert.Equal(1, (await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/payments/{order}")).GetProperty("charges").GetArrayLength());
        var steps = (await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/flows/{order}")).GetProperty("steps").EnumerateArray().ToList();
        Assert.Contains(steps, s => s.GetProperty("duplicates").GetInt32() > 0);
    }

    [Fact]
    public async Task Dead_letter_What_cannot_be_handled_is_kept_whole_with_its_reason_and_only_its_subject_waits()
    {
        var gateway = new FailingGateway(failing: true, orderId => orderId == PoisonId);
        await using var pipeline = await StartAsync(gateway);
        Assert.Equal(PoisonId, await pipeline.Http.PlaceAsync("poison", "c-1", ("a", 1)));
        var healthy = await pipeline.Http.PlaceAsync("healthy", "c-1", ("a", 1));
        await pipeline.Http.WaitUntilFinalAsync([healthy]);
        await Api.UntilAsync(async () => (await EntriesAsync(pipeline)).Count == 1, "in the ledger");

        var entry = (await EntriesAsync(pipeline)).Single();
        var whole = await pipeline.Http.GetFromJsonAsync<JsonElement>(
            $"api/dead-letters/{entry.GetProperty("container")}/{entry.GetProperty("partition")}/{entry.GetProperty("id").GetString()}");
        Assert.Equal(DeadLetterReasons.HandlerFailed, whole.GetProperty("reason").GetString());
        Assert.Contains("The gateway is broken.", whole.GetProperty("description").GetString());
        Assert.Equal(PoisonId, JsonDocument.Parse(whole.GetProperty("body").GetString()!).RootElement.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Replay_A_dead_letter_goes_to_the_consumer_that_failed_and_to_no_other()
    {
        var gateway = new FailingGateway(failing: true, orderId => orderId == PoisonId);
        await using var pipeline = await StartAsync(gateway);
        await pipeline.Http.PlaceAsync("poison", "c-1", ("a", 1));
        await Api.UntilAsync(async () => (await EntriesAsync(pipeline)).Count == 1, "in the ledger");
        gateway.Lift();
        using (var started = await pipeline.Http.PostAsJsonAsync("api/replays", new { subject = PoisonId, apply = true }))
            Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        await pipeline.SettleAndCheckAsync([PoisonId]);

        var steps = (await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/flows/{PoisonId}")).GetProperty("steps").EnumerateArray().ToList();
        var replayed = Assert.Single(steps, s => s.GetProperty("replay").ValueKind == JsonValueKind.String);
        Assert.EndsWith("/payments", replayed.GetProperty("consumer").GetString(), StringComparison.Ordinal);
        Assert.All(steps, s => Assert.Equal(0, s.GetProperty("duplicates").GetInt32()));
    }

    [Fact]
    public async Task End_to_end_simulation_Orders_of_every_outcome_with_duplicates_end_as_they_should_and_every_flow_is_complete()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        pipeline.Platform.Broker.DuplicateMessages(0.1, new Random(2));
        pipeline.Platform.EventGrid.DuplicateDeliveries(0.1, new Random(2));
        var orders = await pipeline.PlaceOrdersAsync(60, "simulation");
        var (completed, cancelled) = await pipeline.SettleAndCheckAsync(orders);
        Assert.True(completed > 0 && cancelled > 0);
        Assert.Empty(await FlowChecks.ProblemsAsync(pipeline.Http, orders));
    }

    private static string PoisonId { get; } = Requests.DeriveId(new Microsoft.AspNetCore.Http.DefaultHttpContext().Request, "o-", "poison");

    private static async Task<RunningPipeline> StartAsync(FailingGateway gateway)
    {
        var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton<IPaymentGateway>(p => gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), TimeProvider.System))));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        return pipeline;
    }

    private static async Task<List<JsonElement>> EntriesAsync(RunningPipeline pipeline) =>
        [.. (await pipeline.Http.GetFromJsonAsync<JsonElement>("api/dead-letters")).GetProperty("items").EnumerateArray()];

    private static async Task SendPlacedAsync<TVersion>(RunningPipeline pipeline, string orderId, string data)
    {
        var type = TestedApp.Messages.All.Single(t => t.DataType == typeof(TVersion)).Name;
        await using var sender = pipeline.ServiceBus.CreateSender(Names.Ordering);
        var body = $$"""{"specversion":"1.0","id":"test:{{orderId}}:1:{{type}}","source":"ordering","type":"{{type}}","subject":"{{orderId}}","sequence":"0000000000000000001","data":{{data}}}""";
        var message = new ServiceBusMessage(body) { SessionId = orderId, MessageId = $"{orderId}:{type}" };
        message.ApplicationProperties["cloudEvents_type"] = type;
        message.ApplicationProperties["replayfor"] = "all";
        await sender.SendMessageAsync(message);
    }
}
