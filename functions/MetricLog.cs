using System.Diagnostics.Metrics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Pipeline.Functions;

/// <summary>
/// Hands the pipeline's metrics to the Functions host, which sends them to Application Insights: summed up in memory, and
/// logged about every half minute within whatever invocation ends then, because the host takes metrics from invocations
/// only. What an instance measured in its last half minute is lost. Does nothing without Application Insights.
/// </summary>
internal sealed class MetricLog : IFunctionsWorkerMiddleware, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly MetricSeries? _series;
    private readonly MeterListener? _listener;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private long _lastFlush;

    public MetricLog(IConfiguration configuration, TimeProvider clock, ILogger<MetricLog> log)
    {
        _clock = clock;
        _log = log;
        _lastFlush = clock.GetTimestamp();
        if (AppSettings.ApplicationInsights.Of(configuration) is null)
            return;
        _series = new MetricSeries();
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _series.Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _series.Add(instrument, value, tags));
        _listener.Start();
    }

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        finally
        {
            if (_series is not null)
                FlushIfDue(_series);
        }
    }

    public void Dispose() => _listener?.Dispose();

    private void FlushIfDue(MetricSeries series)
    {
        var last = Volatile.Read(ref _lastFlush);
        var now = _clock.GetTimestamp();
        if (_clock.GetElapsedTime(last, now) < Pause || Interlocked.CompareExchange(ref _lastFlush, now, last) != last)
            return;
        foreach (var sum in series.Take())
            _log.LogMetric(sum.Name, sum.Value, sum.Properties);
    }
}
