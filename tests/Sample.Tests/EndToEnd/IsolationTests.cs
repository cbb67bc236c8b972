using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Http;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Messages;
using Pipeline.Services;
using Pipeline.Services.Payments;

namespace Pipeline.Tests;

/// <summary>G5: one poison subject among many. The others finish, its followers wait, and replay or un-parking completes it in order.</summary>
public sealed class IsolationTests
{
    private static readonly int Subjects = TestLoad.Of(149);

    [Fact]
    public async Task G3_G5_G6_A_handler_that_throws_blocks_its_own_subject_until_it_is_replayed()
    {
        var poison = "";
        var gateway = new FailingGateway(failing: true, orderId => orderId == poison);
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton<IPaymentGateway>(p => gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), TimeProvider.System))));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        poison = Requests_DeriveId("poison");
        Assert.Equal(poison, await pipeline.Http.PlaceAsync("poison", "c-1", ("a", 2)));
        var others = await pipeline.PlaceOrdersAsync(Subjects);

        await pipeline.Http.WaitUntilFinalAsync(others);
        Assert.Equal("reserved", await pipeline.Http.StatusAsync(poison));
        var entry = Assert.Single(await DeadLettersAsync(pipeline.Http));
        Assert.Equal((poison, DeadLetterReasons.HandlerFailed), (entry.GetProperty("partition").GetString(), entry.GetProperty("reason").GetString()));

        gateway.Lift();
        await ReplayAsync(pipeline.Http, new { entry = entry.GetProperty("id").GetString(), apply = true });
        await pipeline.SettleAndCheckAsync([.. others, poison]);
        Assert.Equal("completed", await pipeline.Http.StatusAsync(poison));
    }

    [Fact]
    public async Task G3_G5_G6_Followers_of_a_poison_message_wait_and_are_replayed_in_order()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);

        // Something that is no event gets into the session of an order that is yet to be placed.
        var poison = Requests_DeriveId("poison");
        await using (var sender = pipeline.ServiceBus.CreateSender(Names.Ordering))
        {
            foreach (var version in new[] { "v1", "v2" })
            {
                var message = new ServiceBusMessage("this is not JSON") { SessionId = poison, MessageId = "garbage-" + version };
                message.ApplicationProperties["cloudEvents_type"] = "com.contoso.ordering.order-placed." + version;
                message.ApplicationProperties["replayfor"] = "all";
                await sender.SendMessageAsync(message);
            }
        }

        await Api.UntilAsync(async () => (await DeadLettersAsync(pipeline.Http)).Count == 3, "three entries (inventory, payments, shipping)");
        await pipeline.Http.PlaceAsync("poison", "c-1", ("a", 2));
        var others = await pipeline.PlaceOrdersAsync(Subjects);
        await pipeline.Http.WaitUntilFinalAsync(others);
        Assert.Equal("placed", await pipeline.Http.StatusAsync(poison));
        var entries = await DeadLettersAsync(pipeline.Http);
        Assert.Equal(6, entries.Count);
        Assert.Equal(3, entries.Count(e => e.GetProperty("reason").GetString() == DeadLetterReasons.NotJson));
        Assert.Equal(3, entries.Count(e => e.GetProperty("reason").GetString() == DeadLetterReasons.BlockedByPredecessor));

        // A replay of what cannot be read fails again, and the subject stays blocked: nothing overtakes.
        var stopped = await ReplayAsync(pipeline.Http, new { subject = poison, consumer = "ordering/inventory", apply = true }, "failed");
        Assert.Contains(DeadLetterReasons.NotJson, stopped.GetProperty("detail").GetString());
        Assert.Equal("placed", await pipeline.Http.StatusAsync(poison));

        // The fault is lifted: the stored body becomes a fact that changes nothing there.
        await MendAsync(pipeline.Container(Names.Inventory), poison, new OrderCancelled(poison, "Mended."));
        foreach (var container in new[] { Names.Payments, Names.Shipping })
            await MendAsync(pipeline.Container(container), poison, new OrderPlaced(poison, "c-1", "EUR", 21m, [new OrderLine("a", 2, 10.5m)]));
        foreach (var consumer in new[] { "ordering/inventory", "ordering/payments", "ordering/shipping" })
            await ReplayAsync(pipeline.Http, new { subject = poison, consumer, apply = true });
        await pipeline.SettleAndCheckAsync([.. others, poison]);
        Assert.Equal("completed", await pipeline.Http.StatusAsync(poison));
    }

    [Fact]
    public async Task G5_An_outbox_record_of_an_unknown_contract_is_quarantined_and_its_followers_wait_until_it_is_released()
    {
        const string Type = "com.contoso.ordering.order-drafted.v1";
        var isKnown = false;
        MessageCatalog Known() => new(TestedApp.Messages.All.Append(new MessageType
        {
            Name = Type,
            DataType = typeof(JsonElement),
            Kind = MessageKind.Event,
            Destination = Names.Ordering,
            Key = _ => "",
            Json = ContractJson.Default.OrderCompleted,
        }));
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton(_ => isKnown ? Known() : TestedApp.Messages));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        var poison = Requests_DeriveId("poison");
        await WriteRecordAsync(pipeline.Container(Names.Ordering), poison, Type);
        await pipeline.Http.PlaceAsync("poison", "c-1", ("a", 2));
        var others = await pipeline.PlaceOrdersAsync(Subjects);

        await pipeline.Http.WaitUntilFinalAsync(others);
        Assert.Equal("placed", await pipeline.Http.StatusAsync(poison));
        var quarantined = (await pipeline.Http.GetFromJsonAsync<JsonElement>("api/outbox/quarantined")).GetProperty("items").EnumerateArray().Single();
        Assert.Equal((poison, 1), (quarantined.GetProperty("partition").GetString(), quarantined.GetProperty("number").GetInt32()));
        Assert.Contains(Type, quarantined.GetProperty("reason").GetString());

        // A release that knows the contract takes over.
        isKnown = true;
        await pipeline.ReplaceHostAsync();
        using var resumed = await pipeline.Http.PostAsync($"api/outbox/quarantined/ordering/{poison}/1/release", null);
        Assert.Equal(HttpStatusCode.Accepted, resumed.StatusCode);
        await pipeline.SettleAndCheckAsync([.. others, poison]);
        Assert.Equal("completed", await pipeline.Http.StatusAsync(poison));
    }

    /// <summary>The order id that a key leads to, as the API derives it.</summary>
    private static string Requests_DeriveId(string key) => Requests.DeriveId(new Microsoft.AspNetCore.Http.DefaultHttpContext().Request, "o-", key);

    private static async Task<List<JsonElement>> DeadLettersAsync(HttpClient http) =>
        [.. (await http.GetFromJsonAsync<JsonElement>("api/dead-letters")).GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> ReplayAsync(HttpClient http, object body, string expected = "completed")
    {
        using var response = await http.PostAsJsonAsync("api/replays", body);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("replayId").GetString();
        JsonElement replay = default;
        await Api.UntilAsync(
            async () =>
            {
                replay = await http.GetFromJsonAsync<JsonElement>($"api/replays/{id}");
                return replay.GetProperty("status").GetString() != "applying";
            },
            "replayed");
        Assert.Equal(expected, replay.GetProperty("status").GetString());
        return replay;
    }

    /// <summary>Gives the unreadable entry the body of a fact.</summary>
    private static async Task MendAsync(Container container, string subject, object fact)
    {
        var entry = (await Invariants.AllAsync(container, "deadletter")).Single(e => e.GetProperty("reason").GetString() == DeadLetterReasons.NotJson);
        var mended = System.Text.Json.Nodes.JsonNode.Parse(entry.GetRawText())!;
        var cloudEvent = Deliveries.Of(fact, id: "mended").Body;
        mended["body"] = Convert.ToBase64String(cloudEvent.Span);
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(mended.ToJsonString()));
        using var response = await container.ReplaceItemStreamAsync(body, entry.GetProperty("id").GetString(), new PartitionKey(subject));
        response.EnsureSuccessStatusCode();
    }

    /// <summary>What a release that is gone may have left: a partition with one unpublished record, the next number being 2.</summary>
    private static async Task WriteRecordAsync(Container container, string partition, string type)
    {
        var batch = container.CreateTransactionalBatch(new PartitionKey(partition));
        batch.CreateItem(new { id = "head", pk = partition, kind = "head", number = 1, commits = 1, consumers = new { } });
        batch.CreateItem(new
        {
            id = "out:0000000000000000001",
            pk = partition,
            kind = "outbox",
            first = 1,
            last = 1,
            committedAt = DateTimeOffset.UtcNow,
            messages = new[]
            {
                new
                {
                    number = 1,
                    to = Names.Ordering,
                    @event = new { specversion = "1.0", id = "draft", source = "ordering", type, partitionkey = partition, data = new { } },
                },
            },
        });
        using var response = await batch.ExecuteAsync();
        Assert.True(response.IsSuccessStatusCode, response.ErrorMessage);
    }
}
