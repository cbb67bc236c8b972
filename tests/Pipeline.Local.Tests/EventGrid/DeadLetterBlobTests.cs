using System.Net.Http.Json;
using System.Text.Json;
using Azure.Core.Pipeline;
using Azure.Messaging.EventGrid;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using Pipeline.Local.Storage;
using Pipeline.Tests.EventGrid;

namespace Pipeline.Tests;

/// <summary>What a platform's Event Grid cannot deliver is a blob in the real Azurite.</summary>
public sealed class DeadLetterBlobTests : IClassFixture<AzuriteFixture>
{
    [AzuriteFact]
    public async Task G2_An_event_that_a_webhook_refuses_is_a_blob_where_Event_Grid_would_put_it()
    {
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Blobs = SharedAzurite.Service, EventGridTimeScale = 10_000 });
        await using var partner = await Webhook.StartAsync();
        partner.OnDelivery = _ => Task.FromResult(400);
        using var http = new HttpClient(platform.EventGrid.CreateHandler()) { BaseAddress = new Uri("http://eventgrid.local/") };
        var name = $"refusing-{Guid.NewGuid():N}";
        using (var created = await http.PutAsJsonAsync($"subscriptions/{name}", new { endpoint = partner.Url }))
            Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        EventGridPublisherClient client = LocalTopic.NewClient(http, "http://eventgrid.local/api/events");
        await client.SendEventAsync(LocalTopic.Event("refused-1"));

        await Soon.TrueAsync(() => platform.EventGrid.Subscription(name) is { DeadLettered: 1, DeadLettersToWrite: 0 }, "the dead letter to be written");

        using var routes = new InProcessHttp(platform);
        var container = new BlobContainerClient(
            platform.BlobsConnectionString, "deadletters", new BlobClientOptions(BlobService.Version) { Transport = new HttpClientTransport(routes.CreateHandler()) });
        var blob = Assert.Single(await container.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{name.ToUpperInvariant()}/" }).ToListAsync());
        using var letters = JsonDocument.Parse((await container.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content);
        var letter = letters.RootElement.EnumerateArray().Single();
        Assert.Equal("refused-1", letter.GetProperty("id").GetString());
        Assert.Contains("BadRequest", letter.GetProperty("deadletterreason").GetString(), StringComparison.OrdinalIgnoreCase);
    }
}
