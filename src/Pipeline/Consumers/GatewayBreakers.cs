using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pipeline.Diagnostics;
using Pipeline.Failures;
using Pipeline.Storage;
using Polly;
using Polly.CircuitBreaker;

namespace Pipeline.Consumers;

/// <summary>One circuit breaker per type of gateway, around the run of every handler that uses it. One object per process.</summary>
public sealed class GatewayBreakers
{
    private static readonly ResiliencePropertyKey<bool> IsRetry = new("pipeline.is-retry");

    private readonly ConcurrentDictionary<Type, ResiliencePipeline> _breakers = new();
    private readonly GatewayBreakerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>Creates the breakers, all closed.</summary>
    public GatewayBreakers(GatewayBreakerOptions options, TimeProvider clock, ILogger<GatewayBreakers> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Checked();
        _clock = clock;
        _log = log;
    }

    internal GatewayBreakerOptions Options => _options;

    /// <summary>Runs a handler, unless its gateway's breaker is open.</summary>
    /// <param name="gateway">The type of the gateway.</param>
    /// <param name="isRetry">
    /// Whether the message has failed before. That it fails again says nothing new about the gateway: it does not open a
    /// breaker, or the retries of one broken article would, once nothing else continues. In the trial of a half-open one it counts.
    /// </param>
    /// <param name="run">The handler.</param>
    /// <param name="cancellationToken">Ends the attempt; that is no failure of the gateway.</param>
    /// <exception cref="GatewayUnavailableException">The breaker is open; the handler did not run.</exception>
    internal async Task<T> RunAsync<T>(Type gateway, bool isRetry, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        var breaker = _breakers.GetOrAdd(gateway, static (type, self) => self.Create(type), this);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(IsRetry, isRetry);
        var call = new Call<T>(run);
        try
        {
            return await breaker.ExecuteAsync(static (c, call) => call.RunAsync(c.CancellationToken), context, call);
        }
        catch (BrokenCircuitException e) when (!call.HasRun)
        {
            throw new GatewayUnavailableException(gateway.Name, e.RetryAfter ?? _options.BreakDuration, e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline Create(Type gateway)
    {
        var state = new CircuitBreakerStateProvider();
        var name = gateway.Name;
        return new ResiliencePipelineBuilder { Name = name, TimeProvider = _clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = _options.FailureRatio,
                MinimumThroughput = _options.MinimumThroughput,
                SamplingDuration = _options.SamplingDuration,
                BreakDuration = _options.BreakDuration,
                StateProvider = state,
                ShouldHandle = args => new ValueTask<bool>(
                    args.Outcome.Exception is { } e
                    && MayBeTheGateways(e, args.Context.CancellationToken)
                    && !(state.CircuitState == CircuitState.Closed && args.Context.Properties.GetValue(IsRetry, false))),
                OnOpened = args =>
                {
                    Telemetry.GatewayOpened.Add(1, new KeyValuePair<string, object?>("gateway", name));
                    Note(name, 2);
                    _log.LogError(
                        args.Outcome.Exception, "Gateway {Gateway}: too many calls fail. Messages that need it wait for {Seconds} s or longer; their retries are not used up.",
                        name, args.BreakDuration.TotalSeconds);
                    return default;
                },
                OnHalfOpened = _ =>
                {
                    Note(name, 1);
                    _log.LogInformation("Gateway {Gateway}: one call may try.", name);
                    return default;
                },
                OnClosed = _ =>
                {
                    Note(name, 0);
                    _log.LogInformation("Gateway {Gateway}: it works again.", name);
                    return default;
                },
            })
            .Build();
    }

    private static void Note(string gateway, int state) => Telemetry.GatewayState.Record(state, new KeyValuePair<string, object?>("gateway", gateway));

    /// <summary>Neither a refusal that lasts, nor a bug of the handler, nor our own store, nor our own end.</summary>
    private static bool MayBeTheGateways(Exception e, CancellationToken cancellationToken) => e switch
    {
        PermanentFailureException or CommitTooLargeException or StoreUnavailableException => false,
        ArgumentException or InvalidOperationException or NotSupportedException or NotImplementedException => false,
        NullReferenceException or IndexOutOfRangeException or KeyNotFoundException or InvalidCastException or FormatException or ArithmeticException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => true,
    };

    private sealed class Call<T>(Func<CancellationToken, Task<T>> run)
    {
        public bool HasRun { get; private set; }

        public async ValueTask<T> RunAsync(CancellationToken cancellationToken)
        {
            HasRun = true;
            return await run(cancellationToken);
        }
    }
}
