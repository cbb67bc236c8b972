using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Payloads;

namespace Pipeline.Tests;

/// <summary>An order with a note of a million characters, through the whole app and the real Azurite.</summary>
public sealed class LargeOrderTests : IClassFixture<AzuriteFixture>
{
    private static readonly string Note = string.Concat(Enumerable.Range(0, 100_000).Select(i => Invariant($"{i:D9} ")));

    [AzuriteFact]
    public async Task An_order_of_one_megabyte_completes_and_its_data_travels_as_a_blob()
    {
        var container = SharedAzurite.NewContainer();
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton(new PayloadOptions { Container = container }));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        var orderId = await PlaceAsync(pipeline.Http);
        var small = await pipeline.Http.PlaceAsync("small", "c-2", ("a", 1));
        Assert.Equal((2, 0), await pipeline.SettleAndCheckAsync([orderId, small]));

        var order = await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/orders/{orderId}");
        Assert.Equal(Note, order.GetProperty("note").GetString());
        Assert.False((await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/orders/{small}")).TryGetProperty("note", out _));

        // One for each version of the event.
        var payloads = (await pipeline.Services.GetRequiredService<IPayloadStore>().ListAsync(null, null, default)).Items;
        Assert.All(payloads, p => Assert.StartsWith($"ordering/{orderId}/", p.Name, StringComparison.Ordinal));
        Assert.Equal([$"ordering:{orderId}:1", $"ordering:{orderId}:1.v1"], payloads.Select(p => p.Origin!.EventId).Order(StringComparer.Ordinal));
    }

    [AzuriteFact]
    public async Task G9_It_survives_kill_9_and_Azurite_ends_with_the_app()
    {
        var directory = Directory.CreateTempSubdirectory("pipeline-large-");
        try
        {
            string orderId;
            int azurite;
            await using (var process = await FunctionsProcess.StartAsync(directory.FullName, "--Local:Azurite=auto", "--Local:BlobPort=0"))
            {
                await AzuriteListensAsync(process);
                await process.Http.SetStockAsync("a", 10);
                orderId = await PlaceAsync(process.Http);
                azurite = int.Parse(await File.ReadAllTextAsync(Path.Combine(directory.FullName, "blobs", "azurite.pid")), CultureInfo.InvariantCulture);
                await process.KillAsync();
            }

            await Api.UntilAsync(() => Task.FromResult(!IsAlive(azurite)), "ended: Azurite");
            await using var next = await FunctionsProcess.StartAsync(directory.FullName, "--Local:Azurite=auto", "--Local:BlobPort=0");
            await AzuriteListensAsync(next);
            await next.Http.WaitUntilFinalAsync([orderId]);
            var order = await next.Http.GetFromJsonAsync<JsonElement>($"api/orders/{orderId}");
            Assert.Equal("completed", order.GetProperty("status").GetString());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Started in the background, with the app: what follows waits for an answer, not for that.</summary>
    private static Task AzuriteListensAsync(FunctionsProcess process) =>
        Api.UntilAsync(() => Task.FromResult(process.Output.Contains("Azurite keeps blobs", StringComparison.Ordinal)), "listening: Azurite");

    private static async Task<string> PlaceAsync(HttpClient http)
    {
        var order = new { customerId = "c-1", currency = "EUR", lines = new[] { new { sku = "a", quantity = 1, unitPrice = 10.5m } }, note = Note };
        using var response = await http.PostOrderAsync("large", order);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("orderId").GetString()!;
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
