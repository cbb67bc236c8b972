using System.Net;
using System.Text;
using Azure;
using Azure.Messaging;
using Azure.Messaging.EventGrid;
using Pipeline.Tests.EventGrid;

namespace Pipeline.Tests.Conformance;

/// <summary>
/// What a publisher sees of a topic with CloudEvents input: the embedded one, or the one whose address and key, with a
/// semicolon between, are in the environment variable <see cref="Setting"/>. What subscribers see takes an address that
/// Azure can reach, which tests do not have: the tests of EventGrid beside these show that of the embedded topic.
/// </summary>
public sealed class EventGridConformance
{
    public const string Setting = "CONFORMANCE_EVENTGRID";
    private const string Embedded = "embedded";
    private const string Batch = "application/cloudevents-batch+json";
    private const string One = """{"specversion":"1.0","id":"1","source":"/conformance","type":"com.contoso.conformance.v1"}""";

    public static TheoryData<string> Targets { get; } = Environment.GetEnvironmentVariable(Setting) is { Length: > 0 } ? [Embedded, Setting] : [Embedded];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Events_of_the_sdk_are_taken(string target)
    {
        await using var topic = Topic.Open(target);
        var client = new EventGridPublisherClient(topic.Address, new AzureKeyCredential(topic.Key), topic.Options);
        CloudEvent[] events = [.. Enumerable.Range(0, 3).Select(i => new CloudEvent("/conformance", "com.contoso.conformance.v1", new { i }) { Subject = Invariant($"s-{i}") })];
        events[0].ExtensionAttributes["correlationid"] = "c-1";
        Assert.Equal(200, (await client.SendEventsAsync(events)).Status);
        Assert.Equal(200, (await client.SendEncodedCloudEventsAsync(Encoding.UTF8.GetBytes($"[{One}]"))).Status);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Batched_structured_and_binary_mode_are_taken(string target)
    {
        await using var topic = Topic.Open(target);
        Assert.Equal(HttpStatusCode.OK, await topic.PostAsync($"[{One},{One}]", Batch));
        Assert.Equal(HttpStatusCode.OK, await topic.PostAsync(One, "application/cloudevents+json"));
        Assert.Equal(HttpStatusCode.OK, await topic.PostAsync("""{"a":1}""", "application/json",
            ("ce-specversion", "1.0"), ("ce-id", "2"), ("ce-source", "/conformance"), ("ce-type", "com.contoso.conformance.v1")));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Without_a_key_nothing_is_taken(string target)
    {
        await using var topic = Topic.Open(target);
        Assert.Equal(HttpStatusCode.Unauthorized, await topic.PostAsync($"[{One}]", Batch, withKey: false));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_request_may_have_1_MB(string target)
    {
        await using var topic = Topic.Open(target);
        Assert.Equal(HttpStatusCode.OK, await topic.PostAsync($"[{Of(900 * 1024)}]", Batch));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await topic.PostAsync($"[{Of(600 * 1024)},{Of(600 * 1024)}]", Batch));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task What_is_no_cloud_event_is_refused(string target)
    {
        await using var topic = Topic.Open(target);
        Assert.Equal(HttpStatusCode.BadRequest, await topic.PostAsync("""[{"specversion":"1.0","id":"1","source":"/s"}]""", Batch));
        Assert.Equal(HttpStatusCode.BadRequest, await topic.PostAsync("""[{"specversion":"1.0","source":"/s","type":"t"}]""", Batch));
        Assert.Equal(HttpStatusCode.BadRequest, await topic.PostAsync("no json", Batch));
    }

    private static string Of(int bytes) => One[..^1] + $",\"data\":\"{new string('x', bytes)}\"}}";

    private sealed class Topic(LocalTopic? embedded, HttpClient http, Uri address, string key) : IAsyncDisposable
    {
        public Uri Address { get; } = address;

        public string Key { get; } = key;

        public EventGridPublisherClientOptions Options => new() { Transport = new Azure.Core.Pipeline.HttpClientTransport(http) };

        public static Topic Open(string target)
        {
            if (target == Embedded)
            {
                var topic = LocalTopic.Create();
                return new(topic, topic.Http, new Uri("http://localhost:8083/api/events"), "any");
            }

            var parts = Environment.GetEnvironmentVariable(target)!.Split(';', 2);
            return new(null, new HttpClient(), new Uri(parts[0]), parts.ElementAtOrDefault(1) ?? throw new FormatException($"{Setting} is not 'https://…/api/events;KEY'."));
        }

        public async Task<HttpStatusCode> PostAsync(string body, string contentType, params (string Name, string Value)[] headers) =>
            await PostAsync(body, contentType, true, headers);

        public async Task<HttpStatusCode> PostAsync(string body, string contentType, bool withKey, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new StringContent(body, Encoding.UTF8, contentType) };
            if (withKey)
                request.Headers.Add("aeg-sas-key", Key);
            foreach (var (name, value) in headers)
                request.Headers.Add(name, value);
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }

        public async ValueTask DisposeAsync()
        {
            if (embedded is null)
                http.Dispose();
            else
                await embedded.DisposeAsync();
        }
    }
}
