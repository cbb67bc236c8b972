using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Cli.Broker;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline local</c>: inspects the embedded Service Bus of a pipeline on this machine.</summary>
internal static class LocalCommand
{
    private const string Path = "admin/servicebus";
    private const int LongestBody = 60;

    public static Command Create(CommandContext context) => new("local", "Inspect the embedded Service Bus of a pipeline on this machine. Changes nothing.")
    {
        Entities(context),
        Peek(context),
        Sessions(context),
    };

    private static Command Entities(CommandContext context)
    {
        var json = CommonOptions.Json();
        var command = new Command("entities", "List queues, topics and subscriptions with their message counts.") { json };
        command.SetAction((parsed, cancellationToken) => ShowAsync(
            context, parsed, json, Path, BrokerJson.Default.ListBrokerEntityCounts, entities =>
            {
                var table = context.Terminal.Table(
                    "entity", "kind", Column.Below("active"), Column.Below("locked"), Column.Below("dead letters"), Column.Below("scheduled"), Column.Below("deferred"), Column.Below("sessions"),
                    Column.Below("forwards to"));
                foreach (var e in entities)
                    table.AddCells(e.Name, e.Kind, e.Active, e.Locked, e.DeadLetter, e.Scheduled, e.Deferred, e.Sessions, e.ForwardTo);
                context.Terminal.Console.Write(table);
            },
            cancellationToken));
        return command;
    }

    private static Command Peek(CommandContext context)
    {
        var entity = Entity();
        var limit = CommonOptions.Number("--limit", "Show at most this many.", from: 1, to: 500, otherwise: 50);
        var from = CommonOptions.Number("--from", "Begin at this sequence number.", from: 0, to: int.MaxValue, otherwise: 0);
        var json = CommonOptions.Json();
        var command = new Command("peek", "Show messages of an entity without receiving them.") { entity, limit, from, json };
        command.SetAction((parsed, cancellationToken) => ShowAsync(
            context,
            parsed,
            json,
            new QueryText(Path + "/messages").Add("entity", parsed.GetValue(entity)).Add("top", parsed.GetValue(limit)).Add("from", parsed.GetValue(from)).ToString(),
            BrokerJson.Default.ListPeekedMessage,
            messages =>
            {
                if (messages.Count == 0)
                {
                    context.Terminal.Line("There is no message.");
                    return;
                }

                var now = context.Clock.GetUtcNow();
                var table = context.Terminal.Table(
                    "no.", "state", "message id", "session", Column.Below("for"), Column.Below("deliveries"), Column.WrappingBelow("reason"), Column.WrappingBelow("body"));
                foreach (var m in messages)
                {
                    table.AddCells(
                        m.SequenceNumber, m.State, m.MessageId, m.SessionId, m.State == "Scheduled" ? "" : Wording.Duration(now - m.EnqueuedTime), m.DeliveryCount, m.DeadLetterReason,
                        context.Terminal.IsLive && m.Body?.Length > LongestBody ? m.Body[..LongestBody] + "..." : m.Body);
                }

                context.Terminal.Console.Write(table);
            },
            cancellationToken));
        return command;
    }

    private static Command Sessions(CommandContext context)
    {
        var entity = Entity();
        var json = CommonOptions.Json();
        var command = new Command("sessions", "Show the sessions of an entity and their locks.") { entity, json };
        command.SetAction((parsed, cancellationToken) => ShowAsync(
            context,
            parsed,
            json,
            new QueryText(Path + "/sessions").Add("entity", parsed.GetValue(entity)).Add("top", 500).ToString(),
            BrokerJson.Default.ListBrokerSessionState,
            sessions =>
            {
                if (sessions.Count == 0)
                {
                    context.Terminal.Line("There is no session.");
                    return;
                }

                var table = context.Terminal.Table("session", "messages", "locked", "until", "state bytes");
                foreach (var s in sessions)
                    table.AddCells(s.Id, s.Messages, s.Locked, s.LockedUntil?.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), s.StateBytes);
                context.Terminal.Console.Write(table);
            },
            cancellationToken));
        return command;
    }

    private static Argument<string> Entity() => new("ENTITY")
    {
        Description = "A queue, TOPIC/SUBSCRIPTION, or one of these followed by /$DeadLetterQueue (in single quotes).",
    };

    private static async Task<int> ShowAsync<T>(
        CommandContext context, ParseResult parsed, Option<bool> json, string path, JsonTypeInfo<T> type, Action<T> show, CancellationToken cancellationToken)
    {
        using var client = context.Connect(parsed);
        JsonElement answer;
        try
        {
            answer = await client.GetJsonAsync(path, cancellationToken);
        }
        catch (PipelineRefusedException refusal) when (IsNotLocal(refusal, client))
        {
            throw new CliFailure(
                $"The pipeline at {client.Url} has no embedded Service Bus: 'local' is for one that runs on your machine. In Azure use Service Bus Explorer in the " +
                "portal, or 'az servicebus queue show'.",
                refusal);
        }

        if (parsed.GetValue(json))
            context.Terminal.Json(answer);
        else
            show(answer.As(type));
        return ExitCode.Ok;
    }

    /// <summary>Azure reserves /admin; an embedded host answers 404 only for an unknown entity.</summary>
    private static bool IsNotLocal(PipelineRefusedException refusal, PipelineClient client) =>
        refusal.Status == HttpStatusCode.NotFound
            ? !refusal.Message.Contains("no queue or subscription", StringComparison.Ordinal)
            : !client.Url.IsLoopback && (refusal.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
}
