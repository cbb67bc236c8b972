using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Consumers;

namespace Pipeline.Generation;

/// <summary>
/// The functions that Service Bus and Event Grid trigger. None of them takes session actions: the host finds those by session id
/// alone, and several functions of a process work on sessions of one id at a time.
/// </summary>
internal static class TriggerCode
{
    private const string DeadLetterQueue = "/$DeadLetterQueue";
    private const string Message = "ServiceBusReceivedMessage message";
    private const string Messages = "ServiceBusReceivedMessage[] messages";

    /// <summary>Functions that get one message at a time, in the order of its session; <see langword="null"/> if there are none.</summary>
    public static string? Sessions(IReadOnlyList<Consumer> consumers, JsonObject topology, string @namespace) => Class(
        "ConsumerFunctions",
        "One function per consumer on a subscription or queue with sessions: a message in, its settlement out.",
        @namespace,
        [.. consumers.Where(c => !IsBatched(c, topology)).Select(c => Function(
            c, c.EventGridSubscription is null ? "" : "-replays", "", "IsSessionsEnabled = true", Message, "HandleAsync"))]);

    /// <summary>Functions that get many messages at a time, in any order; <see langword="null"/> if there are none.</summary>
    public static string? Batches(IReadOnlyList<Consumer> consumers, JsonObject topology, string @namespace) => Class(
        "BatchFunctions",
        "One function per consumer on a subscription without sessions: many messages an invocation, each settled by itself, "
        + "so that a bad one fails alone.",
        @namespace,
        [.. consumers.Where(c => IsBatched(c, topology)).Select(c =>
            Function(c, "", "", "IsBatched = true", Messages, "HandleBatchAsync"))]);

    /// <summary>Functions on the dead-letter queues; <see langword="null"/> if there are none.</summary>
    public static string? DeadLetterQueues(IReadOnlyList<Consumer> consumers, string @namespace) => Class(
        "DeadLetterQueueFunctions",
        "One function per dead-letter queue, which has no sessions: it moves what Service Bus dead-letters into the dead-letter store.",
        @namespace,
        [.. consumers.Select(c => Function(c, "-dead-letters", DeadLetterQueue, null, Message, "HandleDeadLetterAsync"))]);

    /// <summary>Functions that Event Grid calls; <see langword="null"/> if there are none.</summary>
    public static string? EventGrid(IReadOnlyList<Consumer> consumers, string @namespace) => Class(
        "EventGridFunctions",
        "One function per consumer that Event Grid delivers to. What its handler gives up comes back from the dead-letter store, "
        + "by the queue of its name.",
        @namespace,
        [.. consumers.Where(c => c.EventGridSubscription is not null).Select(c =>
            $"""
                [Function({CodeText.Literal(CodeText.FunctionNameOf(c.Name))})]
                public Task {CodeText.MethodNameOf(c.Name)}([EventGridTrigger] CloudEvent cloudEvent, CancellationToken cancellationToken) =>
                    triggers.HandleEventAsync({CodeText.Literal(c.Name)}, cloudEvent, cancellationToken);

            """)],
        "Azure.Messaging",
        "EventGrid");

    private static bool IsBatched(Consumer consumer, JsonObject topology) => !TopologyDocument.HasSessions(topology, consumer.Name);

    private static string Function(Consumer consumer, string suffix, string below, string? mode, string parameter, string handle)
    {
        var path = consumer.Name.Split('/');
        var entity = path is [var topic, var subscription]
            ? $"{CodeText.Literal(topic)}, {CodeText.Literal(subscription + below)}"
            : CodeText.Literal(consumer.Name + below);
        return $"""
                [Function({CodeText.Literal(CodeText.FunctionNameOf(consumer.Name) + suffix)})]
                public Task {CodeText.MethodNameOf(consumer.Name)}(
                    [ServiceBusTrigger({entity}, Connection = "ServiceBus"{(mode is null ? "" : ", " + mode)})] {parameter},
                    ServiceBusMessageActions actions,
                    CancellationToken cancellationToken) =>
                    triggers.{handle}({CodeText.Literal(consumer.Name)}, {parameter.Split(' ')[1]}, actions, cancellationToken);

            """;
    }

    private static string? Class(
        string name, string summary, string @namespace, IReadOnlyList<string> functions, string import = "Azure.Messaging.ServiceBus", string triggers = "ServiceBus")
    {
        if (functions.Count == 0)
            return null;
        var code = new StringBuilder(CodeText.Header("the consumers and topology.json"))
            .Append("using System.Threading;\nusing System.Threading.Tasks;\nusing ").Append(import)
            .Append(";\nusing Microsoft.Azure.Functions.Worker;\nusing Pipeline.AzureFunctions.").Append(triggers).Append(";\n\n")
            .Append("namespace ").Append(@namespace).Append(";\n\n/// <summary>").Append(summary)
            .Append("</summary>\npublic sealed class ").Append(name).Append('(').Append(triggers).Append("Triggers triggers)\n{\n")
            .AppendJoin('\n', functions).Append("}\n");
        return code.ToString().ReplaceLineEndings("\n");
    }
}
