using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

/// <summary>Three functions of one host on three subscriptions of one topic, which all get the same sessions.</summary>
public sealed class SharedSessionFunctions(Probe probe, SharedSessionFunctions.Settling settling)
{
    [Function("SharedOne")]
    public Task One(
        [ServiceBusTrigger("shared", "one", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session) => HandleAsync("one", message, actions, session);

    [Function("SharedTwo")]
    public Task Two(
        [ServiceBusTrigger("shared", "two", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session) => HandleAsync("two", message, actions, session);

    [Function("SharedThree")]
    public Task Three(
        [ServiceBusTrigger("shared", "three", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session) => HandleAsync("three", message, actions, session);

    private async Task HandleAsync(
        string subscription, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, ServiceBusSessionMessageActions session)
    {
        await probe.SeeAsync($"{subscription} {message.Body}");
        await settling.OnMessage(subscription, message, actions, session);
    }

    /// <summary>What a test does with each message.</summary>
    public sealed record Settling(
        Func<string, ServiceBusReceivedMessage, ServiceBusMessageActions, ServiceBusSessionMessageActions, Task> OnMessage);
}
