using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions;
using Pipeline.Consumers;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Shipping;

namespace Pipeline.Tests;

/// <summary>Shipments over HTTP, and the simulated carrier with its faults.</summary>
public sealed class ShippingTests
{
    [Fact]
    public async Task G5_G6_A_carrier_fault_holds_up_its_own_orders_survives_a_restart_and_ends_with_a_replay()
    {
        // Without a schedule it waits for the replay.
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton(new ConsumerOptions
        {
            Retry = RetrySchedule.None,
            FirstPause = TimeSpan.FromMilliseconds(1),
            FirstRedeliveryPause = TimeSpan.FromMilliseconds(1),
            LongestRedeliveryPause = TimeSpan.FromMilliseconds(1),
        }));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        await SendAsync(pipeline.Http, HttpMethod.Put, "b", ["b"]);
        await SendAsync(pipeline.Http, HttpMethod.Put, "c", ["b", "c"]);
        await pipeline.ReplaceHostAsync();
        await SendAsync(pipeline.Http, HttpMethod.Delete, "c", ["b"]);
        await SendAsync(pipeline.Http, HttpMethod.Delete, "never-set", ["b"]);

        var faulty = await pipeline.Http.PlaceAsync("faulty", "c-1", ("a", 1), ("b", 1));
        var other = await pipeline.Http.PlaceAsync("other", "c-2", ("a", 1), ("c", 1));
        await pipeline.Http.WaitUntilFinalAsync([other]);
        await Api.UntilAsync(async () => await OpenEntriesAsync(pipeline.Http) == 1, "in the ledger");
        Assert.Equal("paid", await pipeline.Http.StatusAsync(faulty));
        Assert.Empty((await ShipmentAsync(pipeline.Http, faulty)).GetProperty("bookings").EnumerateArray());

        await SendAsync(pipeline.Http, HttpMethod.Delete, "b", []);
        using var replay = await pipeline.Http.PostAsJsonAsync("api/replays", new { subject = faulty, apply = true });
        Assert.Equal(HttpStatusCode.Accepted, replay.StatusCode);
        await pipeline.SettleAndCheckAsync([faulty, other]);
        var shipment = await ShipmentAsync(pipeline.Http, faulty);
        Assert.Equal("shipped", shipment.GetProperty("status").GetString());
        var booking = Assert.Single(shipment.GetProperty("bookings").EnumerateArray());
        Assert.Equal(shipment.GetProperty("trackingNumber").GetString(), booking.GetProperty("trackingNumber").GetString());
        Assert.Empty(shipment.GetProperty("recalls").EnumerateArray());
    }

    [Fact]
    public async Task G3_G6_A_carrier_fault_that_passes_needs_nobody()
    {
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton(
            new ConsumerOptions { Retry = new RetrySchedule { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMilliseconds(500), Attempts = 1000 } }));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        await SendAsync(pipeline.Http, HttpMethod.Put, "b", ["b"]);
        var faulty = await pipeline.Http.PlaceAsync("faulty", "c-1", ("a", 1), ("b", 1));
        await Api.UntilAsync(
            async () => (await pipeline.Http.GetFromJsonAsync<JsonElement>("api/dead-letters?status=waitingForRetry")).GetProperty("items").EnumerateArray().Any(e => e.GetProperty("retries").GetInt32() > 1),
            "held and retried");

        // The flow says that it is retried, and tells its time as the other consumer of the same message does.
        var steps = (await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/flows/{faulty}")).GetProperty("steps").EnumerateArray().ToList();
        var held = steps.Single(s => s.GetProperty("state").GetString() == "waitingForRetry");
        Assert.Equal("payments/shipping", held.GetProperty("consumer").GetString());
        Assert.NotEqual(JsonValueKind.Null, held.GetProperty("retryAt").ValueKind);
        Assert.InRange(held.GetProperty("retries").GetInt32(), 2, int.MaxValue);
        var handled = steps.Single(s => s.GetProperty("eventId").GetString() == held.GetProperty("eventId").GetString() && s.GetProperty("consumer").GetString() == "payments/ordering");
        Assert.Equal(handled.GetProperty("committedAt").GetDateTimeOffset(), held.GetProperty("committedAt").GetDateTimeOffset());

        await SendAsync(pipeline.Http, HttpMethod.Delete, "b", []);
        await pipeline.SettleAndCheckAsync([faulty]);
        Assert.Equal("completed", await pipeline.Http.StatusAsync(faulty));
        Assert.Empty((await pipeline.Http.GetFromJsonAsync<JsonElement>("api/dead-letters")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Where_another_carrier_is_wired_there_are_no_faults_to_set()
    {
        await using var pipeline = await RunningPipeline.StartAsync(services => services.RemoveAll<CarrierFaults>());
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, "api/simulator/carrier-faults/a");
            using var response = await pipeline.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Contains("simulated carrier", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var wired = new ServiceCollection().AddSingleton<ICarrierGateway>(_ => throw new NotSupportedException());
        wired.AddPipeline(new ConfigurationBuilder().Build(), Sample.Definition, Sample.Configure);
        Assert.Single(wired, s => s.ServiceType == typeof(ICarrierGateway));
        Assert.DoesNotContain(wired, s => s.ServiceType == typeof(CarrierFaults));
    }

    [Fact]
    public async Task A_fault_needs_a_valid_name_and_there_is_a_limit()
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "set-carrier-fault,list-carrier-faults");
        using var invalid = await pipeline.Http.PutAsync("api/simulator/carrier-faults/" + Uri.EscapeDataString("a b"), null);
        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);

        // All at once: none may get lost among the others.
        await Parallel.ForAsync(0, CarrierFaults.MaxFaults, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, token) =>
        {
            using var set = await pipeline.Http.PutAsync(Invariant($"api/simulator/carrier-faults/s-{i}"), null, token);
            Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        });
        var faults = await pipeline.Http.GetFromJsonAsync<JsonElement>("api/simulator/carrier-faults");
        Assert.Equal(CarrierFaults.MaxFaults, faults.GetProperty("skus").GetArrayLength());
        using var tooMany = await pipeline.Http.PutAsync("api/simulator/carrier-faults/one-more", null);
        Assert.Equal(HttpStatusCode.Conflict, tooMany.StatusCode);
    }

    [Fact]
    public async Task The_simulated_carrier_answers_a_repeated_key_as_the_first_time()
    {
        await using var simulation = new Simulation();
        var process = simulation.Start();
        await using (process)
        {
            var carrier = process.Services.GetRequiredService<ICarrierGateway>();
            var faults = process.Services.GetRequiredService<CarrierFaults>();
            ParcelItem[] items = [new("a", 1)];
            var first = await carrier.BookAsync("book-o-1", "o-1", "c-1", items, default);
            simulation.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(first, await carrier.BookAsync("book-o-1", "o-1", SimulatedCarrierGateway.UnreachableCustomer, [], default));
            Assert.Equal(first, await carrier.FindAsync("book-o-1", "o-1", default));
            Assert.Null(await carrier.FindAsync("book-o-2", "o-2", default));
            Assert.NotNull((await carrier.BookAsync("book-o-2", "o-2", SimulatedCarrierGateway.UnreachableCustomer, items, default)).Declined);

            // Another key is another parcel, and who looks sees both.
            var second = await carrier.BookAsync("book-o-1-again", "o-1", "c-1", items, default);
            Assert.Equal([first, second], (await carrier.ListAsync("o-1", default)).Bookings);

            await Assert.ThrowsAsync<PermanentFailureException>(() => carrier.RecallAsync("recall-o-1", "o-1", "SP-unknown", default));
            await faults.TrySetAsync("a", default);
            await Assert.ThrowsAsync<TimeoutException>(() => carrier.BookAsync("book-o-3", "o-3", "c-1", items, default));
            await Assert.ThrowsAsync<TimeoutException>(() => carrier.RecallAsync("recall-o-1", "o-1", first.TrackingNumber, default));
            await faults.RemoveAsync("a", default);
            var recall = await carrier.RecallAsync("recall-o-1", "o-1", first.TrackingNumber, default);
            simulation.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(recall, await carrier.RecallAsync("recall-o-1", "o-1", first.TrackingNumber, default));
            Assert.Equal([recall], (await carrier.ListAsync("o-1", default)).Recalls);
        }
    }

    private static async Task SendAsync(HttpClient http, HttpMethod method, string sku, string[] expected)
    {
        using var request = new HttpRequestMessage(method, $"api/simulator/carrier-faults/{sku}");
        using var response = await http.SendAsync(request);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var faults = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("skus").EnumerateArray().Select(s => s.GetString());
        Assert.Equal(expected, faults);
    }

    private static Task<JsonElement> ShipmentAsync(HttpClient http, string orderId) => http.GetFromJsonAsync<JsonElement>($"api/shipments/{orderId}");

    private static async Task<int> OpenEntriesAsync(HttpClient http)
    {
        var entries = (await http.GetFromJsonAsync<JsonElement>("api/dead-letters")).GetProperty("items").EnumerateArray().ToList();
        Assert.All(entries, e => Assert.Equal(("payments/shipping", DeadLetterReasons.AttemptsExhausted), (e.GetProperty("consumer").GetString(), e.GetProperty("reason").GetString())));
        return entries.Count;
    }
}
