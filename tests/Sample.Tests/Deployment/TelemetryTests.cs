using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Pipeline.AzureFunctions.Configuration;

namespace Pipeline.Tests.Deployment;

/// <summary>Traces and metrics reach a collector over OTLP, if one is named, and nothing is set up otherwise.</summary>
public sealed class TelemetryTests
{
    /// <summary>G8: the span of an effect is of the trace that the command came with, through outbox, broker and change feed.</summary>
    [Theory]
    [InlineData("http/protobuf", "/v1/traces", "/v1/metrics")]
    [InlineData("grpc", "/opentelemetry.proto.collector.trace.v1.TraceService/Export", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    public async Task G8_Spans_of_the_commands_trace_and_metrics_reach_the_collector(string protocol, string traces, string metrics)
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        await using var collector = await Collector.StartAsync(protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using (var pipeline = await RunningPipeline.StartAsync(
            settings: [$"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}", $"--OTEL_EXPORTER_OTLP_PROTOCOL={protocol}", "--OTEL_BSP_SCHEDULE_DELAY=100"]))
        {
            pipeline.Http.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
            await pipeline.Http.SetStockAsync("a", 5);
            var order = await pipeline.Http.PlaceAsync("telemetry", "c-1", ("a", 1));
            await pipeline.Http.WaitUntilFinalAsync([order]);
            await Api.UntilAsync(() => Task.FromResult(collector.Has(traces, "process ordering/inventory", Convert.FromHexString(trace))), "a span of the trace");
        }

        foreach (var metric in new[] { "pipeline.messages.handled", "pipeline.commit_to_effect.duration", "pipeline.messages.published" })
            Assert.True(collector.Has(metrics, metric, Encoding.UTF8.GetBytes("ordering")), $"{metric} did not arrive");
    }

    [Fact]
    public void Without_a_collector_nothing_is_set_up()
    {
        var services = new ServiceCollection().AddTelemetryExport(new ConfigurationBuilder().Build());
        Assert.Empty(services);
        services.AddTelemetryExport(Configuration("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
        Assert.Contains(services, s => s.ServiceType == typeof(TracerProvider));
        Assert.Contains(services, s => s.ServiceType == typeof(MeterProvider));
    }

    [Fact]
    public async Task With_a_connection_string_of_application_insights_traces_and_metrics_go_there()
    {
        var services = new ServiceCollection().AddLogging().AddTelemetryExport(Configuration(
            "APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/"));
        await using var provider = services.BuildServiceProvider();
        var exporters = services.Select(s => s.ServiceType).Where(type => type.FullName?.StartsWith("Azure.Monitor.OpenTelemetry.Exporter", StringComparison.Ordinal) == true);
        Assert.True(exporters.Any() || services.Any(s => s.ToString().Contains("AzureMonitorExporterOptions", StringComparison.Ordinal)));
        Assert.NotNull(provider.GetRequiredService<TracerProvider>());
        Assert.NotNull(provider.GetRequiredService<MeterProvider>());
    }

    /// <summary>The host keeps to itself what the worker sends only if both are told so.</summary>
    [Fact]
    public void The_functions_host_exports_in_the_same_way() =>
        Assert.Equal("openTelemetry", Repository.Json("host.json").GetProperty("telemetryMode").GetString());

    private static IConfiguration Configuration(string name, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>(name, value)]).Build();

    /// <summary>Takes what is sent and keeps it as it came; names and ids stand in it as they are.</summary>
    private sealed class Collector(WebApplication app, ConcurrentQueue<(string Path, byte[] Body)> requests) : IAsyncDisposable
    {
        public string Address => app.Urls.Single();

        public static async Task<Collector> StartAsync(HttpProtocols protocols)
        {
            var requests = new ConcurrentQueue<(string Path, byte[] Body)>();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
            var app = builder.Build();
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                requests.Enqueue((context.Request.Path, body.ToArray()));
                context.Response.ContentType = context.Request.ContentType;
                if (context.Response.SupportsTrailers())
                    context.Response.AppendTrailer("grpc-status", "0");
            });
            await app.StartAsync();
            return new Collector(app, requests);
        }

        public bool Has(string path, string name, byte[] bytes) =>
            requests.Any(r => r.Path == path && r.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)) >= 0 && r.Body.AsSpan().IndexOf(bytes) >= 0);

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
