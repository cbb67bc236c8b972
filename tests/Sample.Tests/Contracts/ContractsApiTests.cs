using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Pipeline.Contracts;
using Pipeline.Local.ServiceBus;
using Pipeline.Services;
using Pipeline.Tests.Interop;

namespace Pipeline.Tests.ContractRules;

/// <summary>What a running pipeline tells of its contracts.</summary>
public sealed class ContractsApiTests : IAsyncLifetime
{
    private RunningPipeline _pipeline = null!;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartAsync();

    public async Task DisposeAsync() => await _pipeline.DisposeAsync();

    [Fact]
    public async Task Every_event_names_the_address_where_its_schema_is()
    {
        var sent = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        _pipeline.Platform.Broker.OnSend = (_, messages) =>
        {
            foreach (var body in messages.Select(m => JsonDocument.Parse(m.Body).RootElement))
                sent[body.GetProperty("type").GetString()!] = body.GetProperty("dataschema").GetString()!;
            return new ValueTask<SendFault>(SendFault.None);
        };
        await _pipeline.Http.SetStockAsync("a", 10);
        await _pipeline.Http.WaitUntilFinalAsync([await _pipeline.Http.PlaceAsync("k", "c-1", ("a", 2))]);
        await _pipeline.WaitUntilQuietAsync();

        Assert.True(sent.Count >= 6);
        foreach (var (type, address) in sent)
        {
            Assert.True(Uri.IsWellFormedUriString(address, UriKind.Absolute), address);
            using var answer = await _pipeline.Http.GetAsync(address);
            Assert.Equal("application/schema+json", answer.Content.Headers.ContentType!.MediaType);
            var schema = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(address, schema.GetProperty("$id").GetString());
            Assert.Equal(ContractCatalog.Find(type)!.Description, schema.GetProperty("description").GetString());
        }
    }

    [Fact]
    public async Task The_list_has_every_contract_and_its_address_works()
    {
        var list = JsonDocument.Parse(await _pipeline.Http.GetStringAsync("api/schemas")).RootElement.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(ContractCatalog.All.Select(c => c.Type).Order(StringComparer.Ordinal), list.Select(i => i.GetProperty("type").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await _pipeline.Http.GetAsync(list[0].GetProperty("schema").GetString())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _pipeline.Http.GetAsync("api/schemas/com.contoso.nothing.v1")).StatusCode);
    }

    [Fact]
    public async Task The_asyncapi_document_is_valid_and_has_every_topic_queue_message_and_operation()
    {
        var document = await _pipeline.Http.GetStringAsync("api/asyncapi");
        var parsed = JsonDocument.Parse(await NodePackage.RunAsync("asyncapi.mjs", [], document, "Contracts")).RootElement;

        Assert.Empty(parsed.GetProperty("problems").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal("3.0.0", parsed.GetProperty("version").GetString());
        Assert.Equal(
            ContractCatalog.Topology.Topics.Concat(ContractCatalog.Topology.Queues).Append("event-grid").Order(),
            parsed.GetProperty("channels").EnumerateArray().Select(c => c.GetString()!).Order());
        var operations = parsed.GetProperty("operations").EnumerateArray().ToDictionary(
            o => o.GetProperty("id").GetString()!,
            o => (Action: o.GetProperty("action").GetString(), Messages: o.GetProperty("messages").EnumerateArray().Select(m => m.GetString()!).ToHashSet()));
        foreach (var contract in ContractCatalog.All.Where(c => !c.IsRetired))
        {
            Assert.Contains(operations, o => o.Value.Action == "send" && o.Value.Messages.Contains(contract.Type) && o.Key.StartsWith(contract.Owner + ".send.", StringComparison.Ordinal));
            if (contract.IsPublic)
                Assert.Contains(contract.Type, operations[$"{contract.Owner}.send.event-grid"].Messages);
        }

        foreach (var consumer in Catalog.Consumers)
        {
            var receive = operations[$"{consumer.Service}.receive.{consumer.Name.Replace('/', '.')}"];
            Assert.Equal("receive", receive.Action);
            Assert.Equal(ContractCatalog.Topology.Consumers.Single(c => c.Name == consumer.Name).Types.ToHashSet(), receive.Messages);
        }
    }
}

/// <summary>The address is a setting where the app is not called directly.</summary>
public sealed class SchemaAddressTests
{
    [Fact]
    public async Task A_setting_names_another_place_for_the_schemas()
    {
        await using var pipeline = await RunningPipeline.StartAsync(settings: "--Schemas:baseAddress=https://api.contoso.com/pipeline");
        var schema = JsonDocument.Parse(await pipeline.Http.GetStringAsync("api/schemas/com.contoso.ordering.order-placed.v1")).RootElement;
        Assert.Equal("https://api.contoso.com/pipeline/api/schemas/com.contoso.ordering.order-placed.v1", schema.GetProperty("$id").GetString());
    }
}
