using System.Text.Json;
using Azure.Messaging;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Logging;

namespace Pipeline.ProbeApp;

public sealed class OtherFunctions(Probe probe, ILogger<OtherFunctions> log)
{
    [Function("Changes")]
    [FixedDelayRetry(2, "00:00:00")]
    public async Task Changes(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", LeaseContainerName = "leases", StartFromBeginning = true, FeedPollDelay = 50)] IReadOnlyList<JsonElement> changes,
        FunctionContext context,
        CancellationToken cancellation)
    {
        var retry = context.RetryContext is { } attempt ? Invariant($"{attempt.RetryCount}/{attempt.MaxRetryCount}") : "first";
        await probe.TellAsync($"changes {string.Join(',', changes.Select(c => c.GetProperty("id").GetString()).Order(StringComparer.Ordinal))}, {retry}", cancellation);
    }

    [Function("Tick")]
    public async Task Tick([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer, CancellationToken cancellation)
    {
        log.LogWarning("A line of the app's own log.");
        await probe.TellAsync(Invariant($"tick, past due {timer.IsPastDue}, next {timer.ScheduleStatus?.Next:MM-dd}"), cancellation);
    }

    [Function("Event")]
    public async Task Event([EventGridTrigger] CloudEvent e, CancellationToken cancellation) =>
        await probe.TellAsync(Invariant($"event {e.Id} of {e.Source}: {e.Data}"), cancellation);

    /// <summary>Of a kind that the embedded host does not have.</summary>
    [Function("Strange")]
    public void Strange([PigeonTrigger("loft")] string letter) => log.LogInformation("{Letter}", letter);
}

/// <summary>A trigger that no host has.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class PigeonTriggerAttribute(string loft) : TriggerBindingAttribute
{
    public string Loft { get; } = loft;
}
