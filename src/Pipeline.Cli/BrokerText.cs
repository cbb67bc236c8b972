using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>Writes which messages wait in the broker, and which do not progress.</summary>
internal static class BrokerText
{
    /// <summary>Writes a table of the queues with waiting messages, and a line for each that does not progress.</summary>
    public static void Write(Terminal terminal, BrokerStatus broker)
    {
        if (broker.Error is { } error)
            terminal.Line($"{error.ReplaceLineEndings(" ")} The number of waiting messages is unknown.");
        var queues = broker.Queues.Where(q => !IsEmpty(q) && q.Problem != QueueStatus.Unreachable).ToList();
        if (queues.Count == 0)
            return;

        var table = terminal.Table("consumer", "in the broker", "the oldest for", "given back", "dead-letter queue");
        foreach (var queue in queues)
            table.AddCells(queue.Consumer, CountOf(queue), OldestFor(queue, broker.LookedAt), queue.Oldest?.Deliveries, queue.DeadLetterQueue);
        terminal.Console.Write(table);
        WriteProblems(terminal, queues);
    }

    /// <summary>Writes a line for each queue that does not progress, with its cause.</summary>
    public static void WriteProblems(Terminal terminal, IEnumerable<QueueStatus> queues)
    {
        foreach (var queue in queues.Where(q => q.Problem is not null))
            terminal.Line($"{queue.Consumer}: {Line(queue)}");
    }

    public static bool IsEmpty(QueueStatus queue) => queue is { Waiting: 0, DeadLetterQueue: 0, Problem: null };

    public static string CountOf(QueueStatus queue) => Wording.Number(queue.Waiting) + (queue.More ? " or more" : "");

    public static string OldestFor(QueueStatus queue, DateTimeOffset now) =>
        queue.Oldest is { } oldest ? Wording.Duration(now > oldest.Since ? now - oldest.Since : TimeSpan.Zero) : "";

    /// <summary>Gets what waits at one consumer, and why.</summary>
    public static string Line(QueueStatus queue)
    {
        var waiting = queue.Waiting > 0 ? $"{CountOf(queue)} in the broker" : queue.DeadLetterQueue > 0 ? $"{Wording.Number(queue.DeadLetterQueue)} in the dead-letter queue" : "";
        var since = queue.Oldest is { } oldest ? $" since {Wording.Time(oldest.Since)}" : "";
        return $"{waiting}{since}{(queue.Detail is { } detail ? (waiting.Length > 0 ? "; " : "") + detail.ReplaceLineEndings(" ") : "")}";
    }
}
