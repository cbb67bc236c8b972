using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Local.ServiceBus;
using Pipeline.Tests.Webhooks;

namespace Pipeline.Tests.Interop;

/// <summary>Events go to and come from the CloudEvents SDK for JavaScript, over real HTTP.</summary>
public sealed class CloudEventsSdkTests
{
    [Fact]
    public async Task Events_that_the_sdk_emits_are_taken_in_all_content_modes()
    {
        await using var pipeline = await RunningPipeline.StartAsync(settings: WebhookRequests.Settings);
        var address = new Uri(pipeline.Http.BaseAddress!, $"api/webhooks/carrier?access_token={WebhookRequests.Token}");

        var answers = JsonDocument.Parse(await NodePackage.RunAsync("emit.mjs", [address.ToString()])).RootElement;

        foreach (var answer in answers.EnumerateObject())
        {
            var expected = answer.Name == "wrong" ? HttpStatusCode.BadRequest : HttpStatusCode.Accepted;
            Assert.True((int)expected == answer.Value.GetProperty("status").GetInt32(), answer.ToString());
        }

        var parcels = await pipeline.ShippingAsync("state");
        Assert.Equal(
            ["parcel-o-1", "parcel-o-2", "parcel-o-3", "parcel-o-4", "parcel-o-6"],
            parcels.Select(p => p.GetProperty("pk").GetString()).Order());
        Assert.All(parcels, p => Assert.Equal("Zo\u00eb \U0001F600", p.GetProperty("data").GetProperty("signedBy").GetString()));
        var handled = await pipeline.ShippingAsync("inbox");
        Assert.Equal(5, handled.Count);
        Assert.All(handled, h => Assert.Equal("webhooks/carrier:https://carrier.example/sdk", h.GetProperty("source").GetString()));

        // The SDK sends header values as they are; a receiver decodes them once.
        Assert.Equal("parcel 1 \"fragile\" 100%", Assert.Single(handled, h => h.GetProperty("eventId").GetString()!.EndsWith("sdk-1", StringComparison.Ordinal)).GetProperty("subject").GetString());
        Assert.Equal("parcel 2 \"fragile\" 100%25", Assert.Single(handled, h => h.GetProperty("eventId").GetString()!.EndsWith("sdk-2", StringComparison.Ordinal)).GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Events_that_we_send_are_read_by_the_sdk_attribute_by_attribute()
    {
        var sent = new ConcurrentQueue<(string ContentType, string Body)>();
        await using var pipeline = await RunningPipeline.StartAsync();
        pipeline.Platform.Broker.OnSend = (_, messages) =>
        {
            foreach (var message in messages)
                sent.Enqueue((message.ContentType!, message.Body.ToString()));
            return new ValueTask<SendFault>(SendFault.None);
        };
        await pipeline.Http.SetStockAsync("a", 10);
        await pipeline.Http.WaitUntilFinalAsync([await pipeline.Http.PlaceAsync("k", "c-1", ("a", 2))]);
        await pipeline.WaitUntilQuietAsync();
        Assert.True(sent.Count >= 5);

        // As on Service Bus, one by one; as Event Grid delivers, with a charset; and as Event Grid delivers in batches.
        var messages = sent.Select(s => Message(s.ContentType, s.Body)).ToList();
        messages.AddRange(sent.Select(s => Message("application/cloudevents+json; charset=utf-8", s.Body)));
        messages.Add(Message("application/cloudevents-batch+json; charset=utf-8", $"[{string.Join(',', sent.Select(s => s.Body))}]"));
        var printed = await NodePackage.RunAsync("parse.mjs", [], JsonSerializer.Serialize(messages));

        var ours = sent.Select(s => JsonNode.Parse(s.Body)!).ToList();
        var theirs = JsonNode.Parse(printed)!.AsArray();
        Assert.Equal(3 * ours.Count, theirs.Count);
        for (var i = 0; i < theirs.Count; i++)
        {
            var (our, their) = ((JsonObject)ours[i % ours.Count], (JsonObject)theirs[i]!);
            Assert.Equal(our.Select(p => p.Key).Order(), their.Select(p => p.Key).Order());
            foreach (var (name, value) in our)
            {
                // The SDK gives times in milliseconds.
                if (name == "time")
                    Assert.Equal(value!.GetValue<DateTimeOffset>(), their[name]!.GetValue<DateTimeOffset>(), TimeSpan.FromMilliseconds(1));
                else
                    Assert.True(JsonNode.DeepEquals(value, their[name]), $"{name}: {value} became {their[name]}");
            }
        }
    }

    private static object Message(string contentType, string body) =>
        new { headers = new Dictionary<string, string> { ["content-type"] = contentType }, body };
}
