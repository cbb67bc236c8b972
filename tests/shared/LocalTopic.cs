using System.Text;
using Azure;
using Azure.Core.Pipeline;
using Azure.Messaging;
using Azure.Messaging.EventGrid;
using Microsoft.Extensions.Logging;
using Pipeline.Local.EventGrid;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.EventGrid;

/// <summary>A topic of a test, with the real SDK to publish to it.</summary>
internal sealed class LocalTopic : IAsyncDisposable
{
    private readonly string? _directory;
    private readonly double _timeScale;
    private readonly string _topology;
    private readonly Func<string, string?> _settings;
    private readonly TimeProvider _clock;

    private LocalTopic(bool onDisk, TimeProvider? clock, double timeScale, string topology, Func<string, string?>? settings)
    {
        _directory = onDisk ? Directory.CreateTempSubdirectory("eventgrid-").FullName : null;
        _clock = clock ?? TimeProvider.System;
        _timeScale = timeScale;
        _topology = topology;
        _settings = settings ?? (_ => null);
        Topic = Open(topology);
    }

    public EventGridTopic Topic { get; private set; }

    public HostLog Log { get; } = new(sink: null, LogLevel.Trace);

    public HttpClient Http => field ??= new HttpClient(new Rerouted(this)) { BaseAddress = new Uri("http://localhost:8083") };

    public EventGridPublisherClient Client => field ??= NewClient(Http);

    /// <param name="clock">Default: the system's.</param>
    /// <param name="timeScale">Divides every wait.</param>
    /// <param name="onDisk">Whether there is a journal.</param>
    /// <param name="subscriptions">The array of topology.json.</param>
    /// <param name="settings">The settings that topology.json names.</param>
    public static LocalTopic Create(
        TimeProvider? clock = null, double timeScale = 1, bool onDisk = false, string subscriptions = "[]", Func<string, string?>? settings = null) =>
        new(onDisk, clock, timeScale, $$"""{ "eventGrid": { "subscriptions": {{subscriptions}} } }""", settings);

    public static EventGridPublisherClient NewClient(HttpClient http, string url = "http://localhost:8083/api/events")
    {
        var options = new EventGridPublisherClientOptions { Transport = new HttpClientTransport(http) };
        options.Retry.MaxRetries = 0;
        return new EventGridPublisherClient(new Uri(url), new AzureKeyCredential("any"), options);
    }

    public static CloudEvent Event(string id, string type = "t", string? subject = null, object? data = null) =>
        new("/tests", type, data ?? new { number = 1 }) { Id = id, Subject = subject };

    public Task PublishAsync(params string[] ids) => Client.SendEventsAsync(ids.Select(id => Event(id)));

    /// <summary>Subscribes a webhook and waits until it agreed.</summary>
    public async Task SubscribeAsync(string name, Webhook webhook, string more = "")
    {
        await PutAsync(name, $$"""{ "endpoint": "{{webhook.Url}}" {{(more.Length > 0 ? "," + more : "")}} }""");
        await Soon.TrueAsync(() => Topic.Subscription(name)!.State == "Active", $"{name} to agree");
    }

    public async Task PutAsync(string name, string json)
    {
        using var response = await Http.PutAsync($"/subscriptions/{name}", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public SubscriptionStatus Status(string name) => Topic.Subscription(name)!;

    public Task WaitAsync(string name, Func<SubscriptionStatus, bool> condition, string what) => Soon.TrueAsync(() => condition(Status(name)), what);

    public async Task QuietAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Topic.WaitUntilQuietAsync(patience.Token);
    }

    /// <summary>Closes the topic, or ends it as by kill -9, and opens it on the same data.</summary>
    public async Task RestartAsync(bool kill = false, string? subscriptions = null)
    {
        if (kill)
            Topic.Kill();
        else
            await Topic.DisposeAsync();
        Topic = Open(subscriptions is null ? _topology : $$"""{ "eventGrid": { "subscriptions": {{subscriptions}} } }""");
    }

    public async ValueTask DisposeAsync()
    {
        await Topic.DisposeAsync();
        if (_directory is not null)
            Directory.Delete(_directory, recursive: true);
    }

    private EventGridTopic Open(string topology)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, topology);
        try
        {
            return EventGridTopic.Open(EventGridTopology.Read(path), new EventGridTopicOptions
            {
                Directory = _directory,
                Clock = _clock,
                Log = Log.CreateLogger("EventGrid"),
                Random = new Random(1),
                TimeScale = _timeScale,
                Settings = _settings,
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Finds the topic that is open now.</summary>
    private sealed class Rerouted(LocalTopic owner) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var invoker = new HttpMessageInvoker(owner.Topic.CreateHandler());
            return await invoker.SendAsync(request, cancellationToken);
        }
    }
}
