using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Client;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Operations;
using Pipeline.Services.Payments;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>The list of blocked subjects, and the status by consumer.</summary>
public sealed class BlockedSubjectTests
{
    private const string Consumer = "ordering/payments";

    [Fact]
    public async Task Blocked_subjects_are_listed_the_oldest_first_with_what_waits_behind_them()
    {
        await using var simulation = new Simulation();
        var gateway = new FailingGateway(failing: true);
        simulation.Configure = services => services.AddSingleton<IPaymentGateway>(p => gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), simulation.Clock)));
        await using var process = simulation.Start();
        var runners = process.Services.GetRequiredService<ConsumerRunners>();
        foreach (var number in new[] { 3, 1, 2, 5, 4 })
        {
            gateway.IsPermanent = number != 5;
            await runners.RunnerOf("inventory/payments").HandleAsync(Deliveries.Of(new StockReserved(Invariant($"o-{number}")), 3, "inventory"), default);
            await runners.RunnerOf(Consumer).HandleAsync(Deliveries.Of(new OrderPlaced(Invariant($"o-{number}"), "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]), 1), default);
            if (number == 1)
                await runners.RunnerOf(Consumer).HandleAsync(Deliveries.Of(new OrderCancelled("o-1", "Changed my mind."), 2), default);
            simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var listed = new List<BlockedSubjectSummary>();
        string? continuation = null;
        var pages = 0;
        do
        {
            (var page, continuation) = await BlockedSubjects.ListAsync(process.Store(Names.Payments), new ConsumerName(Consumer), 2, continuation, default);
            listed.AddRange(page);
            pages++;
        }
        while (continuation is not null);

        Assert.True(pages >= 3);
        Assert.Equal(["o-3", "o-1", "o-2", "o-5", "o-4"], listed.Select(b => b.Partition));
        Assert.Equal([0, 1, 0, 0, 0], listed.Select(b => b.Waiting));
        Assert.Equal(["open", "open", "open", "waitingForRetry", "open"], listed.Select(b => b.Status));
        Assert.Equal([false, false, false, true, false], listed.Select(b => b.RetryAt is not null));
        Assert.Empty((await BlockedSubjects.ListAsync(process.Store(Names.Payments), new ConsumerName("inventory/payments"), 10, null, default)).Items);

        var status = await ContainerStatusReader.ReadAsync(process.Store(Names.Payments), simulation.Clock, default);
        Assert.Equal((5, 5, 1), (status.BlockedSubjects, status.OpenDeadLetters, status.WaitingForRetry));
        Assert.Equal(new ConsumerStatus(Consumer, 5, listed[0].Since, 5, 1), Assert.Single(status.Consumers));
    }

    [Fact]
    public async Task The_list_and_the_status_are_served_and_an_unknown_consumer_is_refused()
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "status,list-blocked,list-dead-letters");
        var container = pipeline.Container(Names.Payments);
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await container.CreateItemAsync(new { id = "head", pk = "o-1", kind = "head", consumers = new Dictionary<string, object> { [Consumer] = new { handled = new { }, blocked = "dl:1", open = 3 } } });
        await container.CreateItemAsync(new { id = "dl:1", pk = "o-1", kind = "deadletter", consumer = Consumer, inOrder = true, open = true, reason = "TransientFailure", description = "x", createdAt = at, retryAt = at.AddMinutes(1), retries = 2 });

        var blocked = Assert.Single((await pipeline.Http.GetFromJsonAsync<JsonElement>("api/blocked?consumer=ordering/payments&limit=10")).GetProperty("items").EnumerateArray());
        Assert.Equal(("o-1", "waitingForRetry", 2), (blocked.GetProperty("partition").GetString(), blocked.GetProperty("status").GetString(), blocked.GetProperty("waiting").GetInt32()));
        Assert.Single((await pipeline.Http.GetFromJsonAsync<JsonElement>("api/blocked")).GetProperty("items").EnumerateArray());
        var status = await pipeline.Http.GetFromJsonAsync<JsonElement>("api/status");
        Assert.Equal((1, 1), (status.GetProperty("blockedSubjects").GetInt32(), status.GetProperty("waitingForRetry").GetInt32()));
        var consumer = Assert.Single(status.GetProperty("containers").EnumerateArray().SelectMany(c => c.GetProperty("consumers").EnumerateArray()));
        Assert.Equal((Consumer, at), (consumer.GetProperty("consumer").GetString(), consumer.GetProperty("oldestBlockedSince").GetDateTimeOffset()));
        var held = Assert.Single((await pipeline.Http.GetFromJsonAsync<JsonElement>("api/dead-letters?status=waitingForRetry")).GetProperty("items").EnumerateArray());
        Assert.Equal(("waitingForRetry", 2), (held.GetProperty("status").GetString(), held.GetProperty("retries").GetInt32()));

        using var unknown = await pipeline.Http.GetAsync("api/blocked?consumer=nobody");
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("ordering/payments", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
