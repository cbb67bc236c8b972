using System.Text.Json;
using Azure.Messaging;
using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

/// <summary>Functions of every kind, for the tests of PipelineHost.</summary>
public sealed class HostFunctions(IServiceProvider services, TimeProvider time)
{
    private Probe Probe => (Probe)services.GetService(typeof(Probe))!;

    [Function("ph-http")]
    public async Task<IResult> Http([HttpTrigger(AuthorizationLevel.Function, "get", Route = "ph/{name}")] HttpRequest request, string name)
    {
        await Probe.SeeAsync($"http {name}");
        return Results.Text(name);
    }

    [Function("ph-session")]
    public Task Session([ServiceBusTrigger("sessions", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message) =>
        Probe.SeeAsync($"session {message.SessionId} {message.Body}");

    [Function("ph-plain")]
    public Task Plain([ServiceBusTrigger("plain", Connection = "ServiceBus")] ServiceBusReceivedMessage message) =>
        Probe.SeeAsync($"plain {message.Body}");

    /// <summary>Waits on the clock within the function, as quick retries do.</summary>
    [Function("ph-slow")]
    public async Task Slow([ServiceBusTrigger("plain", Connection = "ServiceBus")] ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(30), time, cancellationToken);
        await Probe.SeeAsync($"slow {message.Body}");
    }

    [Function("ph-feed")]
    [FixedDelayRetry(5, "00:01:00")]
    public async Task Feed(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", LeaseContainerPrefix = "ph", FeedPollDelay = 3_600_000, StartFromBeginning = true)] IReadOnlyList<JsonElement> changes)
    {
        foreach (var change in changes)
            await Probe.SeeAsync($"feed {change.GetProperty("id").GetString()}");
    }

    /// <summary>Reads from now on, as a trigger does by default.</summary>
    [Function("ph-feed-now")]
    public async Task FeedFromNow(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", LeaseContainerPrefix = "ph-now", FeedPollDelay = 3_600_000)] IReadOnlyList<JsonElement> changes)
    {
        foreach (var change in changes)
            await Probe.SeeAsync($"from now {change.GetProperty("id").GetString()}");
    }

    [Function("ph-timer")]
    public Task Timer([TimerTrigger("0 */5 * * * *")] TimerInfo timer) => Probe.SeeAsync(Invariant($"timer {time.GetUtcNow():HH:mm}"));

    /// <summary>Says what it is told of its schedule.</summary>
    [Function("ph-monitored")]
    public Task Monitored([TimerTrigger("0 0 * * * *")] TimerInfo timer) =>
        Probe.SeeAsync(Invariant($"monitored at {time.GetUtcNow():dd HH:mm} last {timer.ScheduleStatus!.Last:dd HH:mm} next {timer.ScheduleStatus.Next:dd HH:mm}{(timer.IsPastDue ? " past due" : "")}"));

    [Function("ph-unmonitored")]
    public Task Unmonitored([TimerTrigger("0 0 * * * *", UseMonitor = false)] TimerInfo timer) =>
        Probe.SeeAsync(Invariant($"unmonitored at {time.GetUtcNow():dd HH:mm}{(timer.ScheduleStatus is null ? "" : " with status")}"));

    [Function("ph-frequent")]
    public Task Frequent([TimerTrigger("*/30 * * * * *")] TimerInfo timer) => Probe.SeeAsync(timer.ScheduleStatus is null ? "frequent" : "frequent with status");

    /// <summary>Takes longer than any timeout, and honours its token.</summary>
    [Function("ph-endless")]
    public async Task Endless([ServiceBusTrigger("plain", Connection = "ServiceBus")] ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        // When it ends, its scope has ended before it, which gives out no services any more.
        var probe = Probe;
        try
        {
            await Task.Delay(TimeSpan.FromHours(1), time, cancellationToken);
        }
        finally
        {
            await probe.SeeAsync($"ended by its token: {cancellationToken.IsCancellationRequested}");
        }
    }

    [Function("ph-backoff"), ExponentialBackoffRetry(-1, "00:01:00", "01:00:00")]
    public static Task Backoff([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => throw new InvalidOperationException("always");

    [Function("ph-event")]
    public Task Event([EventGridTrigger] CloudEvent e) => Probe.SeeAsync($"event {e.Id}");
}
