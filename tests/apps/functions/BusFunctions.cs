using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

public sealed class BusFunctions(Probe probe)
{
    [Function("BusPlain")]
    public Task Plain([ServiceBusTrigger("plain", Connection = "ServiceBus")] ServiceBusReceivedMessage message) => SeeAsync(message);

    [Function("BusPlainAuto")]
    public Task PlainAuto(
        [ServiceBusTrigger("plain", Connection = "ServiceBus", AutoCompleteMessages = true)] ServiceBusReceivedMessage message) => SeeAsync(message);

    [Function("BusPlainSettles")]
    public Task PlainSettles(
        [ServiceBusTrigger("plain", Connection = "ServiceBus")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions) =>
        Session(message, actions);

    [Function("BusSession")]
    public async Task Session(
        [ServiceBusTrigger("sessions", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions)
    {
        await SeeAsync(message);
        await actions.CompleteMessageAsync(message);
    }

    [Function("BusTopicSession")]
    public Task TopicSession(
        [ServiceBusTrigger("topic", "sub", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions) => Session(message, actions);

    [Function("BusUnsettled")]
    public async Task Unsettled(
        [ServiceBusTrigger("sessions", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions)
    {
        await SeeAsync(message);
        if (message.Body.ToString() != "unsettled")
            await actions.CompleteMessageAsync(message);
    }

    [Function("BusRelease")]
    public async Task Release(
        [ServiceBusTrigger("sessions", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session)
    {
        await SeeAsync(message);
        if (probe.Seen.Count < 3)
            await session.ReleaseSession();
        else
            await actions.CompleteMessageAsync(message);
    }

    [Function("BusReject")]
    public static Task Reject(
        [ServiceBusTrigger("sessions", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions) =>
        actions.DeadLetterMessageAsync(message, deadLetterReason: "no", deadLetterErrorDescription: "it was planted");

    [Function("BusRejectTopic")]
    public static Task RejectTopic(
        [ServiceBusTrigger("topic", "sub", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions) => Reject(message, actions);

    [Function("BusDeadLetters")]
    public Task DeadLetters(
        [ServiceBusTrigger("sessions/$DeadLetterQueue", Connection = "ServiceBus")] ServiceBusReceivedMessage message) =>
        probe.SeeAsync($"{message.Body} because {message.DeadLetterReason}");

    [Function("BusDeadLettersOfTopic")]
    public Task DeadLettersOfTopic(
        [ServiceBusTrigger("topic", "sub/$DeadLetterQueue", Connection = "ServiceBus")] ServiceBusReceivedMessage message) =>
        DeadLetters(message);

    [Function("BusLostLock")]
    public async Task LostLock(
        [ServiceBusTrigger("sessions", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions)
    {
        await SeeAsync(message);
        try
        {
            await actions.CompleteMessageAsync(message);
        }
        catch (Exception error) when (error is not ServiceBusException)
        {
            await probe.SeeAsync(error.GetType().Name);
        }
    }

    [Function("BusBatch")]
    public async Task Batch(
        [ServiceBusTrigger("plain", Connection = "ServiceBus", IsBatched = true)] ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions)
    {
        await probe.SeeAsync(string.Join(',', messages.Select(m => m.Body.ToString())));
        foreach (var message in messages)
            await actions.CompleteMessageAsync(message);
    }

    [Function("BusBindingData")]
    public Task BindingData(
        [ServiceBusTrigger("%Queue%", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message, FunctionContext context)
    {
        var data = context.BindingContext.BindingData;
        return probe.SeeAsync($"{data["MessageId"]} {data["SessionId"]} {data["DeliveryCount"]} {context.TraceContext.TraceParent.Length == 55}");
    }

    private Task SeeAsync(ServiceBusReceivedMessage message) => probe.SeeAsync(Invariant($"{message.Body} {message.DeliveryCount}"));
}
