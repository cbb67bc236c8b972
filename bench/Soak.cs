using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Pipeline.AzureFunctions;
using Pipeline.Functions;
using Pipeline.Local;
using Pipeline.Local.Testing;

namespace Pipeline.Bench;

/// <summary>
/// The whole pipeline under orders for as long as one likes, on disk: what grows, and by how much. Each order is about 17 events.
/// <c>dotnet run -c Release --project bench -- soak 60000</c>
/// </summary>
internal static class Soak
{
    private const int Round = 1000;
    private const int Clients = 8;
    private static readonly string[] Articles = ["a", "b", "c"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(int orders)
    {
        var directory = Directory.CreateTempSubdirectory("soak-");
        try
        {
            await using var platform = LocalPlatform.Open(new LocalPlatformOptions { DataDirectory = directory.FullName });
            await using var app = new InProcessApp(new InProcessAppOptions
            {
                Assembly = typeof(Sample).Assembly,
                Settings = configuration => configuration.AddCommandLine(["--Local:HttpPort=0", $"--Local:HostJson={Path.Combine(AppContext.BaseDirectory, "host.json")}"]),
                Logging = logging => logging.SetMinimumLevel(LogLevel.Warning),
                Configure = builder => builder.Services.AddPipeline(builder.Configuration, Sample.Definition, Sample.Configure),
                Platform = platform,
            });
            await app.StartAsync();
            using var http = new HttpClient { BaseAddress = app.Address };
            await RunAsync(http, platform, directory, orders);
            await app.StopAsync();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(HttpClient http, LocalPlatform platform, DirectoryInfo directory, int orders)
    {
        foreach (var article in Articles)
            (await http.PutAsJsonAsync($"api/stock/{article}", new { onHand = 100_000_000 })).EnsureSuccessStatusCode();
        var begun = Stopwatch.GetTimestamp();
        Console.WriteLine("  orders   seconds  heap MB  RSS MB  disk MB  allocated kB/order  CPU ms/order");
        for (var placed = 0; placed < orders; placed += Round)
        {
            await Parallel.ForAsync(placed, Math.Min(placed + Round, orders), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (i, token) => await PlaceAsync(http, i, token));
            if ((placed / Round) % 5 == 4 || placed + Round >= orders)
                await TellAsync(platform, directory, Math.Min(placed + Round, orders), Stopwatch.GetElapsedTime(begun));
        }
    }

    private static async Task PlaceAsync(HttpClient http, int number, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/orders")
        {
            Content = JsonContent.Create(new
            {
                customerId = Invariant($"c-{number % 1000}"),
                currency = "EUR",
                lines = new[] { new { sku = Articles[number % Articles.Length], quantity = 1, unitPrice = 2.5m } },
            }),
        };
        request.Headers.Add("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"soak-{number}"));
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until nothing is in any queue, so that only what stays is measured.</summary>
    private static async Task TellAsync(LocalPlatform platform, DirectoryInfo directory, int orders, TimeSpan elapsed)
    {
        for (var quiet = 0; quiet < 5; await Task.Delay(Look))
            quiet = platform.Broker.Counts().Values.All(c => c.Active == 0) && platform.EventGrid.PendingCount == 0 ? quiet + 1 : 0;
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        var disk = directory.EnumerateFiles().Sum(f => f.Length);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{orders,8} {elapsed.TotalSeconds,9:0} {heap >> 20,8} {process.WorkingSet64 >> 20,7} {disk >> 20,8} {(GC.GetTotalAllocatedBytes() >> 10) / orders,19} {process.TotalProcessorTime.TotalMilliseconds / orders,13:0.0}"));
    }
}
