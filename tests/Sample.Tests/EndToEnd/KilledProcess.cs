using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Functions;
using Pipeline.Local.Cosmos;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>Orders placed with a process that ends in their midst, and the same data opened by the next one.</summary>
internal sealed class KilledProcess(ITestOutputHelper output) : IDisposable
{
    /// <summary>Customers that order at a time.</summary>
    private const int Clients = 4;

    /// <summary>Orders that are placed at least between two kills.</summary>
    private const int OrdersPerKill = 10;
    private const int InitialStock = 1_000_000;
    private const int Scarce = 20;

    /// <summary>Gets where the process keeps what it stores.</summary>
    public string Data { get; } = Directory.CreateTempSubdirectory("pipeline-kill-").FullName;

    public void Dispose() => Directory.Delete(Data, recursive: true);

    public static async Task SetStockAsync(HttpClient http)
    {
        foreach (var sku in new[] { "a", "b", "c" })
            await http.SetStockAsync(sku, InitialStock);
        await http.SetStockAsync("scarce", Scarce);
    }

    /// <summary>Kills the process that often while customers place orders, then checks that each order ended once.</summary>
    public async Task KillUnderLoadAsync(int kills, Func<Task<FunctionsProcess>> startAsync)
    {
        var random = new Random(20261121);
        var process = await startAsync();
        try
        {
            await SetStockAsync(process.Http);
            var placed = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
            var unanswered = 0;
            for (var kill = 0; kill < kills; kill++)
            {
                // The clients go on placing until the process dies, and keep the keys that were not acknowledged. The kill comes
                // after so many orders, not after a time: on a busy machine there would be none.
                var enough = OrdersPerKill + random.Next(2 * OrdersPerKill);
                var isEnough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var acknowledged = 0;
                var clients = Enumerable.Range(0, Clients).Select(client => PlaceUntilFailureAsync(process.Http, string.Create(CultureInfo.InvariantCulture, $"k{kill}-{client}"), placed, () =>
                {
                    if (Interlocked.Increment(ref acknowledged) == enough)
                        isEnough.SetResult();
                })).ToList();
                await Task.WhenAny(isEnough.Task, Task.WhenAll(clients));
                Assert.True(isEnough.Task.IsCompleted, string.Create(CultureInfo.InvariantCulture, $"Only {acknowledged} of {enough} orders were placed before the kill: that is no load."));
                await process.KillAsync();
                await Task.WhenAll(clients);
                Assert.InRange(acknowledged, enough, int.MaxValue);
                unanswered += placed.Count(p => p.Key.StartsWith(string.Create(CultureInfo.InvariantCulture, $"k{kill}-"), StringComparison.Ordinal) && p.Value.Length == 0);
                process = await startAsync();
            }

            // Every key is placed again: those that had been written before a kill are recognised.
            foreach (var key in placed.Keys.ToList())
            {
                var orderId = await PlaceAsync(process.Http, key);
                Assert.True(placed[key] is "" || placed[key] == orderId, $"The key {key} stood for {placed[key]} and now for {orderId}.");
                placed[key] = orderId;
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{placed.Count} orders, {unanswered} of them without an answer when the process was killed"));
            Assert.InRange(placed.Count, kills * OrdersPerKill, int.MaxValue);
            Assert.InRange(unanswered, 1, int.MaxValue);
            await process.Http.WaitUntilFinalAsync(placed.Values);
            await WaitUntilSettledAsync(process.Http, placed.Values);
            await process.Http.WaitUntilPublishedAsync();
            Assert.Equal(0, await process.StopAsync());

            var (completed, cancelled) = await CheckAsync();
            output.WriteLine(Invariant($"{completed} completed, {cancelled} cancelled"));
            Assert.Equal(placed.Count, completed + cancelled);
        }
        catch
        {
            output.WriteLine(process.Output);
            throw;
        }
        finally
        {
            await process.DisposeAsync();
        }
    }

    private static async Task PlaceUntilFailureAsync(HttpClient http, string prefix, ConcurrentDictionary<string, string> placed, Action onAcknowledged)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i}");
                placed[key] = "";
                placed[key] = await PlaceAsync(http, key);
                onAcknowledged();

                // Some customers change their minds about the order before the last, wherever it stands by now.
                if (i % 5 == 4 && placed[string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i - 2}")] is var earlier)
                    (await http.PostAsync($"api/orders/{earlier}/cancel", null)).Dispose();
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Killed.
        }
    }

    /// <summary>An order is final before the others have done what follows from its cancellation: waits for money, parcel and stock.</summary>
    public static async Task WaitUntilSettledAsync(HttpClient http, IEnumerable<string> orders)
    {
        var reserved = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var id in orders.Distinct())
        {
            var order = await http.GetFromJsonAsync<JsonElement>($"api/orders/{id}");
            if (order.GetProperty("status").GetString() == "completed")
            {
                foreach (var line in order.GetProperty("lines").EnumerateArray())
                {
                    var sku = line.GetProperty("sku").GetString()!;
                    reserved[sku] = reserved.GetValueOrDefault(sku) + line.GetProperty("quantity").GetInt32();
                }

                continue;
            }

            await Api.UntilAsync(
                async () => await StatusOfAsync(http, $"api/payments/{id}") is "failed" or "refunded" or "cancelled"
                    && await StatusOfAsync(http, $"api/shipments/{id}") is "failed" or "recalled" or "cancelled",
                $"refunded and called back: {id}");
        }

        foreach (var sku in new[] { "a", "b", "c", "scarce" })
        {
            await Api.UntilAsync(
                async () => (await http.GetFromJsonAsync<JsonElement>($"api/stock/{sku}")).GetProperty("reserved").GetInt32() == reserved.GetValueOrDefault(sku),
                $"released: {sku}");
        }
    }

    private static async Task<string?> StatusOfAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path);
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString() : null;
    }

    /// <summary>What an order is made of follows from its key, so that the same key has the same body.</summary>
    public static Task<string> PlaceAsync(HttpClient http, string key)
    {
        var number = key.Sum(c => c);
        return http.PlaceAsync(
            key,
            number % 10 == 0 ? "customer-declined" : number % 10 == 5 ? "customer-unreachable" : "c-" + number.ToString(CultureInfo.InvariantCulture),
            number % 7 == 0 ? ("scarce", 3) : ("a", 1 + (number % 3)),
            (number % 2 == 0 ? "b" : "c", 1));
    }

    /// <summary>Checks all invariants of the data, which no process has open.</summary>
    public async Task<(int Completed, int Cancelled)> CheckAsync()
    {
        using var cosmos = CosmosEndpoint.Open(Data, TimeProvider.System, NullLogger.Instance);
        using var handler = cosmos.CreateHandler();
        using var client = new CosmosClient(
            "AccountEndpoint=http://kill-tests.local/;AccountKey=C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
            new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true, HttpClientFactory = () => new HttpClient(handler, disposeHandler: false) });
        return await Invariants.CheckAsync(
            name => client.GetContainer(Names.Database, name),
            new Dictionary<string, int> { ["a"] = InitialStock, ["b"] = InitialStock, ["c"] = InitialStock, ["scarce"] = Scarce });
    }
}
