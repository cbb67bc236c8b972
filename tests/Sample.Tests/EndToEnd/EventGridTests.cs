using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Functions;
using Pipeline.Local.EventGrid;
using Pipeline.Outbox;
using Pipeline.Tests.EventGrid;

namespace Pipeline.Tests;

/// <summary>Event Grid as part of the whole app: down and back, functions and partners that hear of orders by it.</summary>
public sealed class EventGridTests
{
    private static readonly int Orders = TestLoad.Of(40);

    [Fact]
    public async Task G2_Event_Grid_down_for_the_whole_run_holds_nothing_up_and_loses_nothing()
    {
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton(
            new RelayOptions { SweepAge = TimeSpan.FromSeconds(1), EventGridCooldown = TimeSpan.FromSeconds(2) }));
        pipeline.Platform.EventGrid.OnPublish = _ => new ValueTask<PublishFault>(PublishFault.Status(503));
        var orders = await pipeline.PlaceOrdersAsync(Orders);
        await pipeline.Http.WaitUntilFinalAsync(orders);
        Assert.Empty(await EmailsAsync(pipeline));

        pipeline.Platform.EventGrid.OnPublish = null;
        var (completed, cancelled) = await pipeline.SettleAndCheckAsync(orders);

        var emails = await EmailsAsync(pipeline);
        Assert.Equal(Orders, emails.Count(e => e.StartsWith("mail-confirmation-", StringComparison.Ordinal)));
        Assert.Equal(completed, emails.Count(e => e.StartsWith("mail-shipped-", StringComparison.Ordinal)));
        Assert.Equal(cancelled, emails.Count(e => e.StartsWith("mail-cancelled-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task G4_Answers_that_are_lost_and_events_that_come_twice_tell_no_customer_twice()
    {
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton(
            new RelayOptions { SweepAge = TimeSpan.FromSeconds(1), EventGridCooldown = TimeSpan.FromMilliseconds(100) }));
        var random = new Random(3);
        pipeline.Platform.EventGrid.DuplicateDeliveries(0.2, new Random(4));
        pipeline.Platform.EventGrid.OnPublish = _ =>
        {
            lock (random)
                return new ValueTask<PublishFault>(random.NextDouble() < 0.3 ? PublishFault.LoseAnswer : PublishFault.None);
        };
        var orders = await pipeline.PlaceOrdersAsync(Orders);
        await pipeline.Http.WaitUntilFinalAsync(orders);
        pipeline.Platform.EventGrid.OnPublish = null;
        await pipeline.SettleAndCheckAsync(orders);

        var sent = (await Invariants.AllAsync(pipeline.Container(Names.Notifications), "state"))
            .SelectMany(s => s.GetProperty("data").GetProperty("sent").EnumerateArray().Select(k => $"{s.GetProperty("pk")}/{k}")).ToList();
        Assert.Equal(sent.Distinct().Count(), sent.Count);
        Assert.Equal(2 * Orders, sent.Count); // The confirmation, and how it ended.
    }

    [Fact]
    public async Task A_partner_subscribes_and_hears_of_its_orders_as_long_as_it_wants_to()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        await using var partner = await Webhook.StartAsync();
        using var http = new HttpClient(pipeline.Platform.EventGrid.CreateHandler()) { BaseAddress = new Uri("http://eventgrid.local/") };
        using (var created = await http.PutAsJsonAsync("subscriptions/partner", new { endpoint = partner.Url, types = new[] { "com.contoso.ordering.order-completed.v1" } }))
            Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        await pipeline.Http.SetStockAsync("a", 100);
        var orderId = await pipeline.Http.PlaceAsync("first", "c-1", ("a", 1));
        await partner.WaitAsync(1);

        var received = Assert.Single(partner.Deliveries);
        Assert.Equal("application/cloudevents+json; charset=utf-8", received.Headers["Content-Type"]);
        var cloudEvent = JsonDocument.Parse(received.Body).RootElement;
        Assert.Equal(orderId, cloudEvent.GetProperty("subject").GetString());
        Assert.Equal(orderId, cloudEvent.GetProperty("data").GetProperty("orderId").GetString());
        Assert.Equal("ordering", cloudEvent.GetProperty("source").GetString());

        // 410: it does not want to hear of it any more, and nothing else of the pipeline is troubled by that.
        partner.OnDelivery = _ => Task.FromResult((int)HttpStatusCode.Gone);
        var orders = new List<string> { await pipeline.Http.PlaceAsync("second", "c-1", ("a", 1)) };
        await partner.WaitAsync(2);
        orders.Add(await pipeline.Http.PlaceAsync("third", "c-1", ("a", 1)));
        await pipeline.Http.WaitUntilFinalAsync(orders);
        await pipeline.WaitUntilQuietAsync();
        Assert.Equal(2, partner.Deliveries.Count);
    }

    private static async Task<List<string>> EmailsAsync(RunningPipeline pipeline) =>
        [.. (await Invariants.AllAsync(pipeline.Container(Names.Gateways), null)).Where(d => d.TryGetProperty("email", out _)).Select(d => d.GetProperty("id").GetString()!)];
}
