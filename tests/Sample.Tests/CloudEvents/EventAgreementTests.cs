using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Cli;
using Pipeline.Consumers;
using Pipeline.Messages;
using Pipeline.Tests.Cli;
using Pipeline.Tests.EventGrid;
using static Pipeline.Tests.Webhooks.WebhookRequests;

namespace Pipeline.Tests;

/// <summary>
/// The webhook, the local Event Grid topic, <c>contracts validate</c> and a consumer say the same of an event. Three things are
/// left to each: a webhook drops <c>sequence</c> and makes a digest of a long id, and only it takes some types and no others.
/// </summary>
public sealed class EventAgreementTests : IAsyncLifetime
{
    /// <summary>Two days behind the end of a month: the corpus has times of its last day, which are neither ahead nor too old then.</summary>
    private static readonly DateTimeOffset _now = new(2026, 12, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly LocalTopic _topic = LocalTopic.Create();
    private RunningPipeline _pipeline = null!;

    public async Task InitializeAsync() => _pipeline = await RunningPipeline.StartOnAsync(new FixedStart(_now), settings: Settings);

    public async Task DisposeAsync()
    {
        await _pipeline.DisposeAsync();
        await _topic.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task All_readers_say_the_same_of_every_event()
    {
        var differences = new List<string>();
        foreach (var (json, isLegal) in EventCorpus.Envelopes(_now.AddDays(-2)))
            await CompareAsync(json, (isLegal, isLegal, isLegal, isLegal), differences);
        foreach (var (json, isLegal) in EventCorpus.Contents())
            await CompareAsync(json, (isLegal, true, isLegal, isLegal), differences);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Theory]
    [InlineData("ce-subject: a%20b", true)]
    [InlineData("ce-subject: \"a b\"", true)]
    [InlineData("ce-subject: \"a b", false)]
    [InlineData("ce-subject: 100%", false)]
    [InlineData("ce-subject: %FF", false)]
    [InlineData("ce-subject: %00", false)]
    [InlineData("ce-subject: %C2%85", false)]
    [InlineData("ce-subject: %EF%BF%BE", false)]
    [InlineData("ce-subject: \"\"", false)]
    [InlineData("ce-id: 2", false)]
    [InlineData("CE-Source: s", false)]
    [InlineData("ce-note: ", true)]
    [InlineData("ce-no-te: x", false)]
    [InlineData("ce-data: x", false)]
    [InlineData("ce-datacontenttype: application/json", false)]
    [InlineData("ce-time: 2026-01-31", false)]
    [InlineData("ce-abcdefghijklmnopqrstu: x", false)]
    [InlineData("notce-x: %FF", true)]
    public async Task Both_receivers_say_the_same_of_headers_and_name_the_one_that_is_wrong(string header, bool isLegal)
    {
        const string Data = """{"orderId":"o-1","deliveredAt":"2026-01-31T12:00:00Z"}""";
        var headers = new List<string> { "ce-specversion: 1.0", "ce-id: 1", "ce-source: s", $"ce-type: {Delivered}", header };
        var name = header[..header.IndexOf(':', StringComparison.Ordinal)];
        await using var server = await TopicServer.StartAsync(_topic.Topic);
        foreach (var (address, path, ok) in new[] { (_pipeline.Http.BaseAddress!, "/api/webhooks/carrier", 202), (server.Address, "/api/events", 200) })
        {
            var answer = await RawHttp.PostAsync(
                address, path, [$"Authorization: Bearer {Token}", "Content-Type: application/json", .. headers], Encoding.UTF8.GetBytes(Data));
            Assert.True(answer.StartsWith(Invariant($"HTTP/1.1 {(isLegal ? ok : 400)} "), StringComparison.Ordinal), $"{path}: {answer}");
            if (!isLegal)
                Assert.Contains($"'{name}'", answer.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        }
    }

    private async Task CompareAsync(string json, (bool Webhook, bool Topic, bool Validate, bool Consumer) expected, List<string> differences)
    {
        var webhook = await _pipeline.Http.SendAsync(json);
        using var published = await PublishAsync(json);
        var file = Path.Combine(_folder.FullName, "event.json");
        await File.WriteAllTextAsync(file, json);
        var validated = await CliRun.OfAsync("contracts", "validate", file, "--type", Delivered);
        var consumer = _pipeline.Services.GetServices<Consumer>().Single(c => c.Name == "webhooks/carrier");
        var arrival = new MessageParser(
            consumer, _pipeline.Services.GetRequiredService<MessageCatalog>(), _pipeline.Services.GetRequiredService<Pipeline.Payloads.ClaimCheck>())
            .Parse(new ReceivedMessage { Body = Encoding.UTF8.GetBytes(json), SessionId = "parcel-o-1", MessageId = "m", DeliveryCount = 1 });
        var actual = (webhook.Status == HttpStatusCode.Accepted, published.StatusCode == HttpStatusCode.OK, validated.ExitCode == ExitCode.Ok, arrival.Poison is null);
        if (actual == expected && webhook.Status is HttpStatusCode.Accepted or HttpStatusCode.BadRequest)
            return;
        var topic = await published.Content.ReadAsStringAsync();
        differences.Add($"{json}\n  expected {expected}, got {actual}\n  {webhook.Body}\n  {topic}\n  {validated.Output}{validated.Error}\n  {arrival.Poison}");
    }

    private async Task<HttpResponseMessage> PublishAsync(string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", Structured);
        request.Headers.Add("aeg-sas-key", "any");
        return await _topic.Http.SendAsync(request);
    }

    /// <summary>Real time, but for when it begins.</summary>
    private sealed class FixedStart(DateTimeOffset start) : TimeProvider
    {
        private readonly long _begun = System.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(_begun);
    }
}
