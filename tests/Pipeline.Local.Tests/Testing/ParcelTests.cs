// The example of docs/guide/testing.md. A test holds the two against each other, so that it compiles and works.
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;
using Xunit.Abstractions;

namespace Pipeline.Tests.Testing;

// DOCS: tests
public sealed class ParcelTests(ITestOutputHelper output) : IAsyncLifetime
{
    private PipelineHost _host = null!;

    private ParcelStations Stations => _host.Services.GetRequiredService<ParcelStations>();

    public async Task InitializeAsync() => _host = await PipelineHost.StartAsync(new PipelineHostOptions
    {
        FunctionsAssembly = typeof(ParcelFunctions).Assembly,
        Functions = ["scan", "report"],
        TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-topology.json"),
        HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
        Configure = builder => builder.Services.AddSingleton<ParcelStations>().AddSingleton(TimeProvider.System),
        TimeProvider = new ManualTimeProvider(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero)),
        Log = output.WriteLine,
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_parcel_is_scanned_in_order_also_if_a_scan_fails_first()
    {
        _host.Fail("scan", times: 2);

        foreach (var station in (string[])["Hamburg", "Hannover", "Kassel"])
            await _host.ServiceBus.SendAsync("scans", station, sessionId: "parcel-1");
        await _host.WaitUntilQuietAsync();

        Assert.Equal("Hamburg > Hannover > Kassel", Stations.WayOf("parcel-1"));
        Assert.Equal(5, _host.Invocations("scan").Count);
        Assert.Equal(2, _host.Invocations("scan").Count(i => !i.Succeeded));
    }

    [Fact]
    public async Task A_report_that_fails_is_made_ten_minutes_later()
    {
        await _host.ServiceBus.SendAsync("scans", "Hamburg", sessionId: "parcel-1");
        _host.Fail("report", times: 2);

        var pending = await _host.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Empty(Stations.Reports);
        Assert.Equal("report waits for retry 1 (2026-03-01 08:10:00.000Z)", pending[0].ToString());

        await _host.AdvanceAsync(TimeSpan.FromMinutes(20));
        Assert.Equal(["08:20: 1 parcels"], Stations.Reports);

        await _host.AdvanceAsync(TimeSpan.FromDays(2));
        Assert.Equal(["08:20: 1 parcels", "08:00: 1 parcels", "08:00: 1 parcels"], Stations.Reports);
    }
}

// DOCS: end
