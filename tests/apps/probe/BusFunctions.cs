using Azure.Messaging.ServiceBus;
using Grpc.Core;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.ProbeApp;

public sealed class BusFunctions(Probe probe)
{
    private const string Connection = "ServiceBus";

    [Function("Plain")]
    public async Task Plain(
        [ServiceBusTrigger("plain", Connection = Connection)] ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        await SettleAsync(await probe.TellAsync(Text("plain", message), cancellation), message, actions);

    [Function("DeadLetters")]
    public async Task DeadLetters(
        [ServiceBusTrigger("plain/$DeadLetterQueue", Connection = Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellation)
    {
        var detail = Invariant($"dead {message.Body}: {message.DeadLetterReason}, {message.DeadLetterErrorDescription}, {message.ApplicationProperties["added"]}");
        await SettleAsync(await probe.TellAsync(detail, cancellation), message, actions);
    }

    [Function("InSession")]
    public async Task InSession(
        [ServiceBusTrigger("sessions", Connection = Connection, IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellation)
    {
        var before = (await session.GetSessionStateAsync(cancellation)).ToString();
        await session.SetSessionStateAsync(BinaryData.FromString(before + message.Body), cancellation);
        await session.RenewSessionLockAsync(cancellation);
        var isLocked = session.SessionLockedUntil > message.EnqueuedTime;
        var order = await probe.TellAsync($"session {message.SessionId}: {message.Body}, before '{before}', locked {isLocked}", cancellation);
        if (order == "release")
            await session.ReleaseSession(cancellation);
        else
            await SettleAsync(order, message, actions);
    }

    [Function("Batch")]
    public async Task Batch(
        [ServiceBusTrigger("batch", Connection = Connection, IsBatched = true)] ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        CancellationToken cancellation)
    {
        await probe.TellAsync($"batch {string.Join(',', messages.Select(m => m.Body))}", cancellation);
        foreach (var message in messages)
            await actions.CompleteMessageAsync(message, cancellation);
    }

    [Function("OfTopic")]
    public async Task OfTopic(
        [ServiceBusTrigger("topic", "sub", Connection = Connection)] ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellation) =>
        await SettleAsync(await probe.TellAsync(Text("topic", message), cancellation), message, actions);

    [Function("TextOnly")]
    public async Task TextOnly(
        [ServiceBusTrigger("text", Connection = Connection, AutoCompleteMessages = true)] string body, int deliveryCount, string messageId, CancellationToken cancellation) =>
        await probe.TellAsync(Invariant($"text {body}, {messageId}, delivery {deliveryCount}"), cancellation);

    private static string Text(string kind, ServiceBusReceivedMessage message) =>
        Invariant($"{kind} {message.Body}, {message.MessageId}, {message.Subject}, delivery {message.DeliveryCount}, numbered {message.SequenceNumber > 0}, p {Property(message)}");

    private static string Property(ServiceBusReceivedMessage message) =>
        message.ApplicationProperties.TryGetValue("p", out var value) ? Invariant($"{value.GetType().Name} {value}") : "none";

    private async Task SettleAsync(string order, ServiceBusReceivedMessage message, ServiceBusMessageActions actions)
    {
        var changes = new Dictionary<string, object>(StringComparer.Ordinal) { ["added"] = TimeSpan.FromSeconds(90) };
        switch (order)
        {
            case "complete":
                await actions.CompleteMessageAsync(message);
                break;
            case "abandon":
                await actions.AbandonMessageAsync(message);
                break;
            case "dead-letter":
                await actions.DeadLetterMessageAsync(message, changes, "the reason", "the description");
                break;
            case "twice":
                await actions.CompleteMessageAsync(message);
                await TellRefusalAsync(() => actions.CompleteMessageAsync(message));
                break;
            case "leave":
                break;
        }
    }

    private async Task TellRefusalAsync(Func<Task> settle)
    {
        try
        {
            await settle();
        }
        catch (RpcException refused)
        {
            await probe.TellAsync($"refused: {refused.StatusCode}", CancellationToken.None);
        }
    }
}
