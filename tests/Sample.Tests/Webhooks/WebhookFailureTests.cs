using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.Consumers;
using Pipeline.Contracts.Carrier;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.Services.Carrier;
using Pipeline.State;
using static Pipeline.Tests.Webhooks.WebhookRequests;

namespace Pipeline.Tests.Webhooks;

/// <summary>What the caller is told when it is our fault, and what becomes of the event.</summary>
public sealed class WebhookFailureTests
{
    [Fact]
    public async Task A_store_that_is_away_is_503_also_for_a_batch_with_a_wrong_event_in_front()
    {
        var isAway = new StrongBox();
        await using var pipeline = await RunningPipeline.StartAsync(
            services => services.AddHttpClient(PipelineNames.Cosmos).AddHttpMessageHandler(() => new Outage(isAway)),
            functions: "webhook,status",
            settings: Settings);
        Assert.Equal(HttpStatusCode.Accepted, (await pipeline.Http.SendAsync(Event("o-1", "1"))).Status);
        isAway.Value = true;
        var single = pipeline.Http.SendAsync(Event("o-2", "2"));
        var batch = pipeline.Http.SendAsync($"[17,{Event("o-3", "3")}]", Batch);
        foreach (var answer in await Task.WhenAll(single, batch))
        {
            answer.AssertProblem(HttpStatusCode.ServiceUnavailable, "Send the whole request again");
            Assert.True(answer.Response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }

        isAway.Value = false;
        Assert.Equal(HttpStatusCode.Accepted, (await pipeline.Http.SendAsync(Event("o-2", "2"))).Status);
        Assert.Equal(2, (await pipeline.ShippingAsync("inbox")).Count);
    }

    [Fact]
    public async Task G6_What_the_handler_refuses_is_in_the_ledger_and_a_replay_through_the_broker_handles_it()
    {
        var isBroken = new StrongBox { Value = true };
        await using var pipeline = await RunningPipeline.StartAsync(services => Replace(services, isBroken, permanent: true), settings: Settings);
        for (var i = 0; i < 2; i++)
            Assert.Equal(HttpStatusCode.Accepted, (await pipeline.Http.SendAsync(Event("o-1", "1"))).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await pipeline.Http.SendAsync(Event("o-1", "2"))).Status);
        Assert.Equal(2, (await pipeline.ShippingAsync("deadletter")).Count);
        Assert.Empty(await pipeline.ShippingAsync("state"));

        isBroken.Value = false;
        using var started = await pipeline.Http.PostAsJsonAsync("api/replays", new { subject = "parcel-o-1", apply = true });
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        await Api.UntilAsync(async () => (await pipeline.ShippingAsync("deadletter")).All(e => !e.GetProperty("open").GetBoolean()), "replayed");
        Assert.Single(await pipeline.ShippingAsync("state"));
        Assert.Equal(2, (await pipeline.ShippingAsync("inbox")).Count);
    }

    [Fact]
    public async Task G6_What_a_handler_cannot_take_for_now_is_accepted_and_handled_by_itself_later()
    {
        var isBroken = new StrongBox { Value = true };
        var schedule = new RetrySchedule { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMilliseconds(500), Attempts = 1000 };
        await using var pipeline = await RunningPipeline.StartAsync(services => Replace(services, isBroken, permanent: false, schedule), settings: Settings);
        Assert.Equal(HttpStatusCode.Accepted, (await pipeline.Http.SendAsync(Event("o-1", "1"))).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await pipeline.Http.SendAsync(Event("o-1", "2"))).Status);
        isBroken.Value = false;
        await Api.UntilAsync(async () => (await pipeline.ShippingAsync("inbox")).Count == 2, "handled");
        Assert.All(await pipeline.ShippingAsync("deadletter"), e => Assert.False(e.GetProperty("open").GetBoolean()));
    }

    [Fact]
    public async Task Without_a_schedule_a_handler_that_fails_for_now_is_503_and_leaves_nothing()
    {
        var isBroken = new StrongBox { Value = true };
        await using var pipeline = await RunningPipeline.StartAsync(services => Replace(services, isBroken, permanent: false, RetrySchedule.None), functions: "webhook", settings: Settings);
        (await pipeline.Http.SendAsync(Event())).AssertProblem(HttpStatusCode.ServiceUnavailable, "again");
        Assert.Empty(await pipeline.ShippingAsync(null));
        isBroken.Value = false;
        Assert.Equal(HttpStatusCode.Accepted, (await pipeline.Http.SendAsync(Event())).Status);
    }

    [Fact]
    public async Task A_retired_source_is_gone_for_deliveries_and_handshakes()
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "webhook,webhook-handshake", settings: "--Webhooks:carrier:retired=true");
        (await pipeline.Http.SendAsync(Event())).AssertProblem(HttpStatusCode.Gone, "Stop sending");
        using var request = new HttpRequestMessage(HttpMethod.Options, "api/webhooks/carrier");
        request.Headers.Add("WebHook-Request-Origin", "eventgrid.azure.net");
        using var handshake = await pipeline.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Gone, handshake.StatusCode);
        Assert.False(handshake.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Fact]
    public async Task A_source_without_settings_is_as_unknown_as_any()
    {
        await using var pipeline = await RunningPipeline.StartAsync(
            functions: "webhook", settings: ["--Webhooks:carrier:tokenSha256=", "--Webhooks:carrier:origins="]);
        var carrier = await pipeline.Http.SendAsync(Event());
        var nobody = await pipeline.Http.SendAsync(Event(), path: "api/webhooks/nobody");
        Assert.Equal((HttpStatusCode.NotFound, carrier.Body), (nobody.Status, nobody.Body.Replace("nobody", "carrier", StringComparison.Ordinal)));
    }

    private static void Replace(IServiceCollection services, StrongBox isBroken, bool permanent, RetrySchedule? schedule = null)
    {
        services.RemoveAll<Consumer>();
        foreach (var consumer in Services.Catalog.Consumers.Where(c => c.Name != "webhooks/carrier"))
            services.AddSingleton(consumer);
        services.AddSingleton<Consumer>(Consumer
            .Of("webhooks/carrier", "shipping", new DocumentState<ParcelTracking>(ParcelJson.Default.ParcelTracking))
            .Retry(schedule ?? new RetrySchedule())
            .On<ParcelDelivered>((_, parcel, _) => !isBroken.Value
                ? Decision<ParcelTracking>.Save(new ParcelTracking(parcel.OrderId, parcel.DeliveredAt, null))
                : throw (permanent ? new PermanentFailureException("planted") : new InvalidOperationException("planted"))));
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }

    private sealed class Outage(StrongBox isAway) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            isAway.Value ? throw new HttpRequestException("planted") : base.SendAsync(request, cancellationToken);
    }
}
