using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

/// <summary>Functions that compile and that no host can run: each is selected by name.</summary>
public static class WrongFunctions
{
    [Function("WrongDeadLetterSession")]
    public static Task DeadLetterSession(
        [ServiceBusTrigger("sessions/$DeadLetterQueue", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message) =>
        Task.CompletedTask;

    [Function("WrongSchedule")]
    public static Task Schedule([TimerTrigger("now and then")] TimerInfo timer) => Task.CompletedTask;

    [Function("WrongSetting")]
    public static Task Setting([TimerTrigger("%NoSuchSetting%")] TimerInfo timer) => Task.CompletedTask;

    [Function("WrongConnection")]
    public static Task Connection([ServiceBusTrigger("plain")] ServiceBusReceivedMessage message) => Task.CompletedTask;

    [Function("WrongFeedA")]
    public static Task FeedA([CosmosDBTrigger("db", "items", Connection = "Cosmos")] IReadOnlyList<string> items) => Task.CompletedTask;

    [Function("WrongFeedB")]
    public static Task FeedB([CosmosDBTrigger("db", "items", Connection = "Cosmos")] IReadOnlyList<string> items) => Task.CompletedTask;
}
