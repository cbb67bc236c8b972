using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Testing;

/// <summary>The app has the clock of its PipelineHost, whatever it registers for itself.</summary>
public sealed class AppClockTests
{
    private readonly Probe _probe = new();

    [Fact]
    public async Task App_that_registers_a_clock_gets_the_one_of_the_test()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 1, 7, 58, 0, TimeSpan.Zero));
        await using var host = await StartAsync(clock, services => services.AddSingleton(TimeProvider.System));

        await host.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(["timer 08:00"], _probe.Seen);
        Assert.Same(clock, host.Services.GetRequiredService<TimeProvider>());
    }

    /// <summary>In Azure it would have none, so the test must not be green.</summary>
    [Fact]
    public async Task App_that_registers_no_clock_has_none()
    {
        await using var host = await StartAsync(new ManualTimeProvider(new DateTimeOffset(2026, 3, 1, 7, 58, 0, TimeSpan.Zero)), _ => { });

        await host.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Empty(_probe.Seen);
        Assert.Contains(nameof(TimeProvider), Assert.Single(host.Invocations("ph-timer")).Exception!.Message, StringComparison.Ordinal);
    }

    private Task<PipelineHost> StartAsync(TimeProvider clock, Action<IServiceCollection> configure) => PipelineHost.StartAsync(new PipelineHostOptions
    {
        FunctionsAssembly = typeof(HostFunctions).Assembly,
        Functions = ["ph-timer"],
        TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
        HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
        Configure = builder => configure(builder.Services.AddSingleton(_probe)),
        TimeProvider = clock,
    });
}
