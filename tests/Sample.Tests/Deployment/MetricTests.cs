using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.Client;
using Pipeline.Diagnostics;
using Pipeline.Local.Testing;
using Pipeline.Operations;
using Pipeline.Tests.Webhooks;

namespace Pipeline.Tests.Deployment;

/// <summary>The metrics that alerts stand on.</summary>
public sealed class MetricTests
{
    /// <summary>Hosts of other tests measure the same instruments at the same time.</summary>
    private static readonly AsyncLocal<bool> IsMeasuredHere = new();

    [Fact]
    public async Task What_stands_still_is_measured_container_by_container()
    {
        var last = new Dictionary<(string Metric, string Container), double>();
        await using var pipeline = await RunningPipeline.StartAsync(functions: "health");
        using var listener = Listen((instrument, value, container) =>
        {
            if (!IsMeasuredHere.Value)
                return;
            lock (last)
                last[(instrument, container)] = value;
        });
        var container = pipeline.Container("reporting");
        var created = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        await container.CreateItemAsync(new { id = "dl:6", pk = "d", kind = "deadletter", consumer = "c1", inOrder = true, open = true, createdAt = created.AddSeconds(-60), retryAt = created });
        await container.CreateItemAsync(new { id = "dl:7", pk = "d", kind = "deadletter", consumer = "c1", inOrder = true, open = true, createdAt = created });
        await container.CreateItemAsync(new { id = "dl:8", pk = "b", kind = "deadletter", consumer = "c1", inOrder = false, open = true, createdAt = created, retryAt = created });
        foreach (var (id, pk, consumer, inOrder, open) in new[]
        {
            ("dl:1", "a", "c1", true, true), ("dl:2", "a", "c1", true, true), ("dl:3", "a", "c2", true, true), ("dl:4", "b", "c1", false, true), ("dl:5", "c", "c1", true, false),
        })
        {
            await container.CreateItemAsync(new { id, pk, kind = "deadletter", consumer, inOrder, open, createdAt = created });
        }

        await container.CreateItemAsync(new { id = "o1", pk = "a", kind = "outbox", parked = new { reason = "r" } });
        await container.CreateItemAsync(new { id = "o2", pk = "b", kind = "outbox", sent = "2026-01-01" });
        var stores = pipeline.Services.GetRequiredService<Stores>();
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow.AddMinutes(10));
        IsMeasuredHere.Value = true;

        await BacklogMetrics.TakeAsync(stores.Of("reporting"), clock, default);

        // Neither what is held nor what waits behind it is an operator's.
        Assert.Equal(4, last[("pipeline.dead_letters.open", "reporting")]);
        Assert.Equal(2, last[("pipeline.dead_letters.waiting_for_retry", "reporting")]);
        Assert.Equal(3, last[("pipeline.subjects.blocked", "reporting")]);
        await BacklogMetrics.TakeAsync(stores.Of("reporting"), new ManualTimeProvider(created.AddMinutes(9)), default);
        Assert.Equal(600, last[("pipeline.subjects.oldest_blocked.age", "reporting")]);
        var consumers = (await ContainerStatusReader.ReadAsync(stores.Of("reporting"), clock, default)).Consumers;
        Assert.Equal(
            [new ConsumerStatus("c1", 2, created.AddSeconds(-60), 3, 3), new ConsumerStatus("c2", 1, created, 1, 0)], consumers);
        await BacklogMetrics.TakeAsync(stores.Of("reporting"), clock, default);
        Assert.Equal(1, last[("pipeline.outbox.quarantined.open", "reporting")]);
        Assert.InRange(last[("pipeline.outbox.oldest_event_grid.age", "reporting")], 590, 620);

        await BacklogMetrics.TakeAsync(stores.Of("analytics"), clock, default);
        Assert.Equal(0, last[("pipeline.dead_letters.open", "analytics")]);
        Assert.Equal(0, last[("pipeline.subjects.oldest_blocked.age", "analytics")]);
        Assert.Equal(0, last[("pipeline.outbox.oldest_event_grid.age", "analytics")]);
    }

    [Fact]
    public async Task Webhook_requests_that_are_refused_are_counted_by_source_and_unknown_sources_are_not()
    {
        var sources = new List<string>();
        using var listener = Listen((instrument, _, source) =>
        {
            if (instrument == "pipeline.webhooks.refused")
            {
                lock (sources)
                    sources.Add(source);
            }
        });
        await using var pipeline = await RunningPipeline.StartAsync(functions: "webhook", settings: WebhookRequests.Settings);
        foreach (var source in new[] { "carrier", "nobody-at-all" })
        {
            using var answer = await pipeline.Http.PostAsync($"api/webhooks/{source}", new StringContent("{}"));
            Assert.Equal(source == "carrier" ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound, answer.StatusCode);
        }

        lock (sources)
        {
            Assert.Contains("carrier", sources);
            Assert.DoesNotContain("nobody-at-all", sources);
        }
    }

    private static MeterListener Listen(Action<string, double, string> on)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == Telemetry.Name)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => on(instrument.Name, value, tags.Length > 0 ? tags[0].Value as string ?? "" : ""));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => on(instrument.Name, value, tags.Length > 0 ? tags[0].Value as string ?? "" : ""));
        listener.Start();
        return listener;
    }
}
