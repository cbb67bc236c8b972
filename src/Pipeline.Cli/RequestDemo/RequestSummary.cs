using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli.RequestDemo;

/// <summary>Writes the end of a demo with requests: figures, what has not settled, and where to look next.</summary>
internal sealed class RequestSummary(Terminal terminal, PipelineClient client)
{
    private const int MostNamed = 10;

    /// <summary>Writes it.</summary>
    /// <returns>Whether all has settled.</returns>
    public bool Write(IReadOnlyList<FollowedFlow> flows, bool showsNext)
    {
        var unsettled = flows.Where(flow => !flow.IsSettled).OrderBy(flow => flow.Request.Number).ToList();
        WriteConsumers([.. flows.SelectMany(flow => flow.Handled)]);
        WriteFigures(flows, unsettled.Count);
        WriteUnsettled(unsettled);
        if (unsettled.Count == 0)
            terminal.Styled(new Cell("All is well:", new Style(Color.Green)), new Cell(" everything that the requests caused was handled.", null));
        else
            terminal.Styled(new Cell("Not all is well:", new Style(Color.Red)), new Cell(" see the requests above.", null));
        if (showsNext)
            WriteNext((unsettled.FirstOrDefault() ?? flows[0]).Request);
        return unsettled.Count == 0;
    }

    private void WriteConsumers(List<FlowStep> handled)
    {
        terminal.Line();
        if (handled.Count == 0)
        {
            terminal.Line("No consumer has handled a message of these requests.");
            return;
        }

        var table = terminal.Table("consumer", Column.Right("handled"), Column.Right("p50"), Column.Right("p99"));
        foreach (var consumer in handled.GroupBy(step => step.Consumer!, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            AddLatency(table, consumer.Key, [.. consumer]);
        AddLatency(table, "all", handled);
        terminal.Console.Write(table);
        terminal.Line("p50 and p99: from the commit of a message until it was handled.");
    }

    private static void AddLatency(TextTable table, string name, List<FlowStep> steps)
    {
        var taken = steps.Where(step => step.CommittedAt is not null && step.HandledAt is not null)
            .Select(step => step.HandledAt!.Value - step.CommittedAt!.Value).Order().ToList();
        table.AddCells(name, Wording.Number(steps.Count), Percentile(taken, 50), Percentile(taken, 99));
    }

    /// <summary>Nearest rank.</summary>
    private static string Percentile(List<TimeSpan> sorted, int percent)
    {
        if (sorted.Count == 0)
            return "-";
        var rank = (int)Math.Ceiling(sorted.Count * percent / 100.0);
        return Wording.Duration(sorted[Math.Clamp(rank, 1, sorted.Count) - 1]);
    }

    private void WriteFigures(IReadOnlyList<FollowedFlow> flows, int unsettled)
    {
        var table = terminal.Table("", Column.Right(""));
        table.AddCells("requests accepted", flows.Count);
        table.AddCells("dead letters", Alarming(flows.Sum(flow => flow.Failed.Count(step => step.State == "dead-lettered"))));
        table.AddCells("not settled", Alarming(unsettled));
        terminal.Line();
        terminal.Console.Write(table);
    }

    private void WriteUnsettled(List<FollowedFlow> unsettled)
    {
        foreach (var flow in unsettled.Take(MostNamed))
            terminal.Line($"  {flow.Request.CorrelationId}: {WhyOpen(flow)}");
        if (unsettled.Count > MostNamed)
            terminal.Line($"  and {Wording.Number(unsettled.Count - MostNamed)} more");
    }

    private static string WhyOpen(FollowedFlow flow)
    {
        if (flow.Obstacle is not { } step)
            return "the pipeline knows nothing that it caused. Does the function run a command with the id of the header X-Correlation-ID, or return its own as 'correlationId'?";
        var consumer = step.Consumer is null ? "" : $" at {step.Consumer}";
        return $"{Wording.ShortType(step.Type)}{consumer} is {Wording.State(step.State ?? "open")}{(string.IsNullOrEmpty(step.Reason) ? "" : ": " + step.Reason)}";
    }

    private void WriteNext(SentRequest sample)
    {
        var tool = Wording.Tool;
        terminal.Line();
        terminal.Line("Where to look next:");
        (string What, string Where)[] next =
        [
            ("waiting and blocked messages", $"{tool} status"),
            ("all that one request caused", $"{tool} flow {sample.CorrelationId}"),
            ("dead letters", $"{tool} dead-letters list"),
            ("activity, live", $"{tool} watch"),
            ("its HTTP API", client.Address("")),
        ];
        var width = next.Max(line => line.What.Length);
        foreach (var (what, where) in next)
            terminal.Line($"  {what.PadRight(width)}  {where}");
    }

    private static Cell Alarming(int count) => new(Wording.Number(count), new Style(count == 0 ? Color.Green : Color.Red));
}
