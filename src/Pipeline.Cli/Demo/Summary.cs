using Pipeline.Cli.Sample;
using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli.Demo;

/// <summary>Writes the end of a run: figures, findings, the timeline of one order, and where to look next.</summary>
internal sealed class Summary(Terminal terminal, PipelineClient client, TransientRetry retry, TimeProvider clock)
{
    private const int MostFindings = 10;

    public void WriteFigures(Verdict verdict)
    {
        var report = verdict.Report;
        var table = terminal.Table("", Column.Right(""));
        Row(table, "orders", report.Orders);
        Row(table, "completed", report.Completed);
        Row(table, "cancelled", report.Cancelled);
        foreach (var (reason, count) in verdict.CancelledByReason)
            Row(table, $"  {reason}", count);

        Row(table, "dead-lettered", report.DeadLettered);
        Row(table, "replayed", report.Replayed);
        Row(table, "lost", report.Lost, isBad: true);
        Row(table, "duplicate effects", report.DuplicateEffects, isBad: true);
        Row(table, "order violations", report.OrderViolations, isBad: true);
        if (report.Chaos is { } chaos)
        {
            Row(table, "restarts after kill -9", chaos.Restarts);
            table.AddCells("duplicate deliveries", Wording.Number(chaos.DuplicateDeliveries));
            Row(table, "blocked subjects replayed", chaos.ReplaysCompleted);
        }

        table.AddCells("orders per second", report.OrdersPerSecond.ToString("N1", CultureInfo.InvariantCulture));
        table.AddCells("latency p50 / p99", $"{Milliseconds(report.LatencyMs.P50)} / {Milliseconds(report.LatencyMs.P99)}");
        terminal.Line();
        terminal.Console.Write(table);
        Findings("Lost", verdict.Lost);
        Findings("Duplicate effects", verdict.DuplicateEffects);
        Findings("Order violations", verdict.OrderViolations);
        Findings("Chaos", report.Chaos?.Findings ?? []);
        if (report.IsClean)
            terminal.Styled(new Cell("All is well:", new Style(Color.Green)), new Cell(" every order is final, nothing was lost, done twice or out of order.", null));
        else
            terminal.Styled(new Cell("Not all is well:", new Style(Color.Red)), new Cell(" see the findings above.", null));
    }

    public async Task WriteTimelineAsync(Order? order, CancellationToken cancellationToken)
    {
        if (order?.CorrelationId is not { } correlationId)
            return;

        var flow = await retry.RetryAsync(token => client.Monitoring.FindFlowAsync(correlationId, token), cancellationToken);
        terminal.Line();
        terminal.Line($"The flow of one order ({order.OrderId}, {order.Status}):");
        if (flow is null)
            terminal.Line($"  the pipeline does not know its flow, {correlationId}");
        else
            FlowTimeline.Write(terminal, flow, clock.GetUtcNow());
    }

    public void WriteNext(Order? sample)
    {
        var tool = Wording.Tool;
        terminal.Line();
        terminal.Line("Where to look next:");
        var next = new List<(string What, string Where)> { ("waiting and blocked messages", $"{tool} status") };
        if (sample is not null)
        {
            next.Add(("an order and its history", $"{tool} orders show {sample.OrderId}"));
            if (sample.CorrelationId is not null)
                next.Add(("everything that it caused", $"{tool} flow {sample.CorrelationId}"));
        }

        next.Add(("dead letters", $"{tool} dead-letters list"));
        if (sample is not null)
            next.Add(("the order over HTTP", client.Address(PipelineClient.Path("orders", sample.OrderId))));
        var width = next.Max(line => line.What.Length);
        foreach (var (what, where) in next)
            terminal.Line($"  {what.PadRight(width)}  {where}");
    }

    private static string Milliseconds(double value) => Wording.Duration(TimeSpan.FromMilliseconds(value));

    private static void Row(TextTable table, string name, int value, bool isBad = false) =>
        table.AddCells(name, new Cell(Wording.Number(value), isBad ? new Style(value == 0 ? Color.Green : Color.Red) : null));

    private void Findings(string title, IReadOnlyList<string> findings)
    {
        if (findings.Count == 0)
            return;

        terminal.Line($"{title}:");
        foreach (var finding in findings.Take(MostFindings))
            terminal.Line($"  {finding}");

        if (findings.Count > MostFindings)
            terminal.Line($"  and {Wording.Number(findings.Count - MostFindings)} more");
    }
}
