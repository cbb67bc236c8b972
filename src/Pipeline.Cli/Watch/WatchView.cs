using Pipeline.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Cli.Watch;

/// <summary>Draws the state: tables in a terminal, lines in a pipe.</summary>
internal static class WatchView
{
    public static IRenderable Draw(Terminal terminal, Uri url, WatchState state)
    {
        var consumers = terminal.Table("container", "consumer", Column.Right("per second"), Column.Right("total"), Column.Right("p50"), Column.Right("p99"));
        foreach (var consumer in state.Consumers)
        {
            var style = consumer.PerSecond > 0 ? Style.Plain : new Style(Color.Grey);
            consumers.AddCells(
                new Cell(consumer.Container, style),
                new Cell(consumer.Consumer, style),
                new Cell(Rate(consumer.PerSecond), style),
                new Cell(Wording.Number(consumer.Total), style),
                new Cell(Latency(consumer.P50Ms), style),
                new Cell(Latency(consumer.P99Ms), style));
        }

        var containers = terminal.Table(
            "container", Column.Right("unpublished"), Column.Right("oldest"), Column.Right("quarantined"), Column.Right("blocked subjects"), Column.Right("open dead letters"), Column.Right("waiting for retry"));
        foreach (var container in state.Containers)
        {
            containers.AddCells(
                container.Container,
                Wording.Number(container.Unpublished),
                Oldest(container),
                Alarming(container.Quarantined),
                Alarming(container.BlockedSubjects),
                Alarming(container.OpenDeadLetters),
                Wording.Number(container.WaitingForRetry));
        }

        var foot = state.Failure is { } failure
            ? new Text(Terminal.OneLine(failure), new Style(Color.Red))
            : new Text($"{url}  {Wording.Time(state.At)}  Ctrl+C ends", new Style(Color.Grey));
        List<IRenderable> parts =
        [
            state.Consumers.Count > 0 ? consumers : new Text("No message has been handled since watching began.", new Style(Color.Grey)),
            Text.Empty,
            containers,
            Text.Empty,
            .. Broker(terminal, state),
            foot,
        ];
        return new Rows(parts);
    }

    /// <summary>Draws the messages in the broker, and in red the causes of missing progress.</summary>
    private static IEnumerable<IRenderable> Broker(Terminal terminal, WatchState state)
    {
        if (state.Broker?.Error is { } error)
            yield return new Text(Terminal.OneLine(error), new Style(Color.Red));
        var queues = state.Queues.Where(queue => queue.Problem != QueueStatus.Unreachable).ToList();
        if (queues.Count == 0)
            yield break;

        var table = terminal.Table("consumer", Column.Right("in the broker"), Column.Right("oldest"), Column.Right("given back"), Column.Right("dead-letter queue"));
        foreach (var queue in queues)
        {
            table.AddCells(
                queue.Consumer,
                BrokerText.CountOf(queue),
                BrokerText.OldestFor(queue, state.Broker!.LookedAt),
                Alarming(queue.Oldest?.Deliveries ?? 0),
                Wording.Number(queue.DeadLetterQueue));
        }

        yield return table;
        yield return Text.Empty;
        foreach (var queue in queues.Where(queue => queue.Problem is not null))
            yield return new Text(Terminal.OneLine($"{queue.Consumer}: {queue.Detail}"), new Style(Color.Red));
    }

    /// <summary>Writes one line for each consumer with handled messages, and for each container with waiting ones.</summary>
    public static void Print(Terminal terminal, WatchState state)
    {
        var time = Wording.Time(state.At);
        if (state.Failure is { } failure)
        {
            terminal.Line($"{time}  {failure}");
            return;
        }

        var isQuiet = true;
        foreach (var consumer in state.Consumers.Where(consumer => consumer.PerSecond > 0))
        {
            isQuiet = false;
            terminal.Line(
                $"{time}  {consumer.Container} {consumer.Consumer}: {Rate(consumer.PerSecond)} per second, {Wording.Plain(consumer.Total)} in all, "
                + $"p50 {Latency(consumer.P50Ms)}, p99 {Latency(consumer.P99Ms)}");
        }

        foreach (var container in state.Containers)
        {
            if (container.Damaged + container.Unpublished + container.Quarantined + container.BlockedSubjects + container.OpenDeadLetters + container.WaitingForRetry == 0)
                continue;

            isQuiet = false;
            var oldest = Oldest(container) is { Length: > 0 } age ? $" (oldest {age})" : "";
            terminal.Line(
                string.Create(CultureInfo.InvariantCulture, $"{time}  {container.Container}: unpublished {container.Unpublished}{oldest}, quarantined {container.Quarantined}, ")
                + string.Create(CultureInfo.InvariantCulture, $"blocked subjects {container.BlockedSubjects}, open dead letters {container.OpenDeadLetters}, waiting for retry {container.WaitingForRetry}")
                + (container.Damaged > 0 ? string.Create(CultureInfo.InvariantCulture, $", damaged partitions {container.Damaged}") : ""));
        }

        if (state.Broker?.Error is { } error)
            terminal.Line($"{time}  {error.ReplaceLineEndings(" ")}");
        foreach (var queue in state.Queues.Where(queue => queue.Problem != QueueStatus.Unreachable))
        {
            isQuiet = false;
            terminal.Line($"{time}  {queue.Consumer}: {BrokerText.Line(queue)}");
        }

        if (isQuiet)
            terminal.Line($"{time}  nothing handled, {(state.Broker?.Error is null ? "nothing waits" : "nothing waits outside of the broker")}");
    }

    private static Cell Alarming(long count) => new(Wording.Number(count), count > 0 ? new Style(Color.Red) : Style.Plain);

    private static string Rate(double perSecond) => perSecond.ToString("N1", CultureInfo.InvariantCulture);

    private static string Latency(double? milliseconds) =>
        milliseconds is { } value ? Wording.Duration(TimeSpan.FromMilliseconds(value)) : "-";

    private static string Oldest(ContainerStatus container) =>
        container.Unpublished > 0 ? Wording.Duration(TimeSpan.FromSeconds(container.OldestUnpublishedSeconds)) : "";
}
