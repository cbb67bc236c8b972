using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Messaging;
using Pipeline.Local.EventGrid;

namespace Pipeline.Local.Testing;

/// <summary>The Event Grid topic of a <see cref="PipelineHost"/>.</summary>
public sealed class TestEventGrid
{
    private readonly LocalPlatform _platform;
    private readonly List<EventGridDeadLetter> _deadLetters = [];
    private int _failures;

    internal TestEventGrid(LocalPlatform platform, bool keepsDeadLetters)
    {
        _platform = platform;
        if (keepsDeadLetters)
            platform.EventGrid.DeadLetterSink = KeepAsync;
    }

    /// <summary>
    /// The dead letters so far: here instead of in blobs, so that a test needs no storage. Written 5 minutes after the last attempt, by
    /// the platform's clock.
    /// </summary>
    public IReadOnlyList<EventGridDeadLetter> DeadLetters
    {
        get
        {
            lock (_deadLetters)
                return [.. _deadLetters];
        }
    }

    /// <summary>While set, nothing is delivered; what is published waits. Default <see langword="false"/>.</summary>
    public bool HoldDeliveries
    {
        get => _platform.EventGrid.HoldDeliveries;
        set => _platform.EventGrid.HoldDeliveries = value;
    }

    /// <summary>Publishes events, all or none.</summary>
    /// <exception cref="HttpRequestException">The topic refused them; the message has its reason.</exception>
    public async Task PublishAsync(params CloudEvent[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(events));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json", "utf-8");
        using var request = new HttpRequestMessage(HttpMethod.Post, _platform.EventGridEndpoint) { Content = content };
        request.Headers.Add("aeg-sas-key", _platform.EventGridKey);
        await SendAsync(request);
    }

    /// <summary>Subscribes a webhook, or changes its subscription. It is asked for its consent first, by the CloudEvents handshake.</summary>
    /// <param name="name">Name of the subscription.</param>
    /// <param name="endpoint">The webhook.</param>
    /// <param name="types">The types of events that it gets; none: all.</param>
    /// <exception cref="HttpRequestException">The topic refused it; the message has its reason.</exception>
    public async Task SubscribeAsync(string name, Uri endpoint, params string[] types)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var body = new Dictionary<string, object>(StringComparer.Ordinal) { ["endpoint"] = endpoint.AbsoluteUri };
        if (types.Length > 0)
            body["types"] = types;
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_platform.EventGridEndpoint, $"/subscriptions/{Uri.EscapeDataString(name)}"))
        {
            Content = JsonContent.Create(body),
        };
        await SendAsync(request);
    }

    /// <summary>All subscriptions, by name.</summary>
    public IReadOnlyList<EventGridSubscription> Subscriptions() =>
    [
        .. _platform.EventGrid.Subscriptions().Select(s => new EventGridSubscription(
            s.Name, s.Function, s.Endpoint, s.State, s.Pending, s.Delivered, s.FailedAttempts, s.DeadLettered, s.LastError)),
    ];

    /// <summary>Answers the next publishes with 503, nothing accepted, whoever publishes.</summary>
    /// <param name="times">How many; 0: none any more.</param>
    public void FailPublishes(int times = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        _failures = times;
        _platform.EventGrid.OnPublish = _ => ValueTask.FromResult(
            Interlocked.Decrement(ref _failures) >= 0 ? PublishFault.Status(503) : PublishFault.None);
    }

    private async Task SendAsync(HttpRequestMessage request)
    {
        using var client = new HttpClient(_platform.CreateEventGridHandler());
        using var response = await client.SendAsync(request);
        if (response.IsSuccessStatusCode)
            return;
        var answer = await response.Content.ReadAsStringAsync();
        throw new HttpRequestException(
            string.Create(CultureInfo.InvariantCulture, $"Event Grid answered {(int)response.StatusCode}: {answer}"), null, response.StatusCode);
    }

    private Task KeepAsync(string blobName, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(json);
        var letter = document.RootElement[0];
        lock (_deadLetters)
        {
            _deadLetters.Add(new EventGridDeadLetter(
                blobName.Split('/')[1],
                letter.GetProperty("id").GetString()!,
                letter.GetProperty("deadletterreason").GetString()!,
                letter.GetProperty("deliveryattempts").GetInt32(),
                letter.GetProperty("lastdeliveryoutcome").GetString()!,
                letter.Clone()));
        }

        return Task.CompletedTask;
    }
}
