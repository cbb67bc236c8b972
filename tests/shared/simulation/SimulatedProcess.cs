using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Operations;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>One process of the app, driven step by step. The commands of the app are in another part.</summary>
internal sealed partial class SimulatedProcess(Simulation simulation, FaultPlan plan) : AppProcess(simulation.Platform, plan)
{
    public PayloadCollector Collector => Services.GetRequiredService<PayloadCollector>();

    public SubjectReplayer Replayer => Services.GetRequiredService<SubjectReplayer>();

    private ServiceBusClient ServiceBus => Services.GetRequiredService<ServiceBusClient>();

    /// <summary>Plans a replay and applies it at once.</summary>
    public Task<ReplaySummary> ReplayAsync(DeadLetterFilter selection, bool only = false, int rate = ReplayRequest.MaxRate) =>
        TryReplayAsync(selection, only, rate).AllowedAsync();

    public async Task<Refusable<ReplaySummary>> TryReplayAsync(DeadLetterFilter selection, bool only = false, int rate = ReplayRequest.MaxRate)
    {
        var planned = await Replays.PlanAsync(new ReplayRequest { Selection = selection, Only = only, Rate = rate }, CancellationToken.None);
        return planned.Value is { } plan ? await Replays.ApplyAsync(plan.ReplayId, CancellationToken.None) : planned;
    }

    /// <summary>Handles the next message of a consumer; the session is given back, and the message is not settled.</summary>
    public async Task<Consumers.Settlement> HandleNextAsync(string consumer)
    {
        await using var session = await AcceptAsync(consumer);
        var message = await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1));
        return await Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(Settlements.DeliveryOf(message!), CancellationToken.None);
    }

    /// <summary>Moves the next message of a consumer to its dead-letter queue, unseen by the consumer.</summary>
    public async Task DeadLetterNextAsync(string consumer)
    {
        await using var session = await AcceptAsync(consumer);
        var message = await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1));
        await session.DeadLetterMessageAsync(message!, "ByTheBroker", "as after too many deliveries");
    }

    private async Task<ServiceBusSessionReceiver> AcceptAsync(string consumer)
    {
        var parts = consumer.Split('/');
        return parts.Length == 2 ? await ServiceBus.AcceptNextSessionAsync(parts[0], parts[1]) : await ServiceBus.AcceptNextSessionAsync(parts[0]);
    }
}
