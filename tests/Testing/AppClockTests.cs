using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local.Testing;
using Pipeline.Tests.Worker;

namespace Pipeline.Tests.Testing;

/// <summary>The app has the clock of its PipelineHost, whatever it registers for itself.</summary>
public sealed class AppClockTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task App_that_registers_a_clock_gets_the_one_of_the_test(bool registersItsOwn)
    {
        var probe = new Probe();
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 1, 7, 58, 0, TimeSpan.Zero));
        await using var host = await PipelineHost.StartAsync(new PipelineHostOptions
        {
            FunctionsAssembly = typeof(HostFunctions).Assembly,
            Functions = ["ph-timer"],
            TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
            HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
            Configure = builder =>
            {
                builder.Services.AddSingleton(probe);
                if (registersItsOwn)
                    builder.Services.AddSingleton(TimeProvider.System);
            },
            TimeProvider = clock,
        });

        await host.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(["timer 08:00"], probe.Seen);
        Assert.Same(clock, host.Services.GetRequiredService<TimeProvider>());
    }
}
