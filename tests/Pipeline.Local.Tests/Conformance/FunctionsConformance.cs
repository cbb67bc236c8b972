using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;
using Pipeline.Tests.Hosting;

namespace Pipeline.Tests.Conformance;

/// <summary>
/// What the Functions host documents and the tests of Host beside these do not show: timeouts, spread retries, scopes, settings.
/// docs/local/local.md lists which test stands behind what.
/// </summary>
public sealed class FunctionsConformance
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Probe _probe = new();

    [Fact]
    public async Task An_invocation_that_takes_too_long_gets_its_token_set_and_fails()
    {
        await using var host = await StartAsync("00:05:00", "ph-endless");
        await host.ServiceBus.SendAsync("plain", "1");
        await host.AdvanceAsync(TimeSpan.FromSeconds(299));
        Assert.Empty(_probe.Seen);

        await host.AdvanceAsync(TimeSpan.FromSeconds(1));

        await _probe.WaitAsync(1);
        Assert.Equal("ended by its token: True", _probe.Seen[0]);
        var failed = host.Invocations("ph-endless")[0];
        Assert.IsType<TimeoutException>(failed.Exception);
        Assert.Contains("functionTimeout", failed.Exception!.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(5), failed.EndedAt - failed.StartedAt);
    }

    [Theory]
    [InlineData(null, 30 * 60)]
    [InlineData("-1", null)]
    [InlineData("01:00:00", 3600)]
    public async Task The_timeout_is_that_of_Flex_Consumption_unless_host_json_says_otherwise(string? setting, int? seconds)
    {
        await using var host = await StartAsync(setting, "ph-plain");
        Assert.Equal(seconds, host.Host.App.OfHost<FunctionRunner>().Timeout?.TotalSeconds);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("00:00:00")]
    public async Task A_bad_timeout_is_an_error_that_names_it(string setting)
    {
        var error = await Assert.ThrowsAsync<StartupException>(() => StartAsync(setting, "ph-plain"));
        Assert.Contains($"functionTimeout is '{setting}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exponential_backoff_begins_with_the_shortest_delay_and_spreads_the_others_around_their_doubles()
    {
        await using var host = await StartAsync(null, "ph-backoff");
        await host.AdvanceAsync(TimeSpan.FromDays(1) + TimeSpan.FromHours(6));

        var starts = host.Invocations("ph-backoff").Select(i => i.StartedAt).ToList();
        var delays = starts.Zip(starts.Skip(1), (a, b) => (b - a).TotalMinutes).ToList();
        Assert.Equal(1, delays[0]);
        for (var i = 1; i < 6; i++)
            Assert.InRange(delays[i], 1 + (0.8 * Math.Pow(2, i - 1)), 1 + (1.2 * Math.Pow(2, i - 1)));
        Assert.NotEqual(2, delays[1]);
        Assert.Equal(60, delays[^1]);
    }

    [Theory]
    [InlineData("Local:HtpPort", "Local:HttpPort")]
    [InlineData("Local:DataDir", "Local:DataDirectory")]
    public void An_unknown_setting_is_an_error_that_names_the_nearest(string name, string nearest)
    {
        var error = Assert.Throws<StartupException>(() => TestHost.Build(null, "ph-plain", settings: [$"--{name}", "1"]));
        Assert.Equal($"There is no setting {name}. Did you mean {nearest}?", error.Message);
    }

    [Fact]
    public async Task Every_invocation_has_a_scope_of_its_own_that_ends_with_it()
    {
        var scopes = new List<Scoped>();
        await using var host = await StartAsync(null, services => services.AddScoped<Scoped>(), "ph-plain");
        host.OnInvoking = context =>
        {
            lock (scopes)
                scopes.Add(context.InstanceServices.GetRequiredService<Scoped>());
            return Task.CompletedTask;
        };
        await host.ServiceBus.SendAsync("plain", "1");
        await host.ServiceBus.SendAsync("plain", "2");
        await host.WaitUntilQuietAsync();

        Assert.Equal(2, scopes.Distinct().Count());
        Assert.All(scopes, scope => Assert.True(scope.IsDisposed));
    }

    private Task<PipelineHost> StartAsync(string? timeout, params string[] functions) => StartAsync(timeout, _ => { }, functions);

    private Task<PipelineHost> StartAsync(string? timeout, Action<IServiceCollection> configure, params string[] functions) =>
        PipelineHost.StartAsync(new PipelineHostOptions
        {
            FunctionsAssembly = typeof(HostFunctions).Assembly,
            Functions = functions,
            TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
            HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
            Settings = timeout is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["AzureFunctionsJobHost__functionTimeout"] = timeout },
            Configure = builder =>
            {
                builder.Services.AddSingleton(_probe).AddSingleton(TimeProvider.System);
                configure(builder.Services);
            },
            TimeProvider = _clock,
        });

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
