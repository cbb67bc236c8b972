using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Functions;
using Pipeline.Tests.Webhooks;

namespace Pipeline.Tests.Deployment;

/// <summary>The metrics that alerts stand on, and their way to the host.</summary>
public sealed class MetricTests
{
    [Fact]
    public void Counts_are_summed_gauges_replaced_and_histograms_come_with_their_bounds()
    {
        using var meter = new Meter("test");
        var counter = meter.CreateCounter<long>("counter");
        var gauge = meter.CreateGauge<double>("gauge");
        var histogram = meter.CreateHistogram<double>("histogram");
        var series = new MetricSeries();
        series.Add(counter, 2, [new("container", "a")]);
        series.Add(counter, 3, [new("container", "a")]);
        series.Add(counter, 1, [new("container", "b")]);
        series.Add(gauge, 7, []);
        series.Add(gauge, 4, []);
        series.Add(histogram, 0.5, [new("consumer", "c"), new("reason", "d")]);
        series.Add(histogram, 1.5, [new("consumer", "c"), new("reason", "d")]);

        var taken = series.Take().OrderBy(s => s.Name, StringComparer.Ordinal).ThenByDescending(s => s.Value).ToList();
        Assert.Equal([("counter", 5), ("counter", 1), ("gauge", 4), ("histogram", 2)], taken.Select(s => (s.Name, s.Value)));
        Assert.Equal("a", taken[0].Properties["container"]);
        Assert.Empty(taken[2].Properties);
        Assert.Equal([("consumer", "c"), ("reason", "d"), ("count", 2), ("min", 0.5), ("max", 1.5)], taken[3].Properties.Select(p => (p.Key, p.Value)));

        Assert.Empty(series.Take());
        series.Add(counter, 4, [new("container", "a")]);
        Assert.Equal(4, Assert.Single(series.Take()).Value);
    }

    [Fact]
    public void A_tag_without_end_of_values_does_not_eat_the_memory()
    {
        using var meter = new Meter("test");
        var counter = meter.CreateCounter<long>("counter");
        var series = new MetricSeries();
        for (var i = 0; i < MetricSeries.Most + 100; i++)
            series.Add(counter, 1, [new("order", $"o-{i}")]);
        Assert.Equal(MetricSeries.Most, series.Take().Count());
    }

    [Theory]
    [InlineData("InstrumentationKey=x", true)]
    [InlineData("", false)]
    public async Task Metrics_are_logged_within_an_invocation_now_and_then_and_only_with_application_insights(string connection, bool expected)
    {
        var clock = new ManualClock();
        var log = new MetricLines();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("APPLICATIONINSIGHTS_CONNECTION_STRING", connection)]).Build();
        using var metrics = new MetricLog(configuration, clock, log);
        Telemetry.CountWebhookProblem("metric-log-test", 503);
        await metrics.Invoke(null!, _ => Task.CompletedTask);
        Assert.Empty(log.Lines);
        clock.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<InvalidOperationException>(() => metrics.Invoke(null!, _ => throw new InvalidOperationException()));
        Assert.Equal(expected, log.Lines.Any(l => l.Contains("pipeline.webhooks.failed 1", StringComparison.Ordinal) && l.Contains("[source, metric-log-test]", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_stands_still_is_measured_container_by_container()
    {
        var last = new Dictionary<(string Metric, string Container), double>();
        await using var pipeline = await RunningPipeline.StartAsync(functions: "health");
        using var listener = Listen((instrument, value, container) =>
        {
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
        var clock = new ManualClock(DateTimeOffset.UtcNow.AddMinutes(10));

        await Measurement.TakeAsync(stores.Of("reporting"), clock, default);

        // Neither what is held nor what waits behind it is an operator's.
        Assert.Equal(4, last[("pipeline.ledger.open", "reporting")]);
        Assert.Equal(2, last[("pipeline.ledger.held", "reporting")]);
        Assert.Equal(3, last[("pipeline.subjects.blocked", "reporting")]);
        await Measurement.TakeAsync(stores.Of("reporting"), new ManualClock(created.AddMinutes(9)), default);
        Assert.Equal(600, last[("pipeline.subjects.oldest_blocked.age", "reporting")]);
        var consumers = (await ContainerStatus.ReadAsync(stores.Of("reporting"), clock, default)).Consumers;
        Assert.Equal(
            [new ConsumerStatus("c1", 2, created.AddSeconds(-60), 6, 2), new ConsumerStatus("c2", 1, created, 1, 0)], consumers);
        await Measurement.TakeAsync(stores.Of("reporting"), clock, default);
        Assert.Equal(1, last[("pipeline.outbox.parked.open", "reporting")]);
        Assert.InRange(last[("pipeline.outbox.oldest_event_grid.age", "reporting")], 590, 620);

        await Measurement.TakeAsync(stores.Of("analytics"), clock, default);
        Assert.Equal(0, last[("pipeline.ledger.open", "analytics")]);
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

    private sealed class MetricLines : ILogger<MetricLog>
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                    return [.. _lines];
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
                _lines.Add(formatter(state, exception));
        }
    }
}
