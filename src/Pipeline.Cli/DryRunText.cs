using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>Writes the result of a dry run: for each message the changes of the state, the messages to send and the calls of gateways.</summary>
internal static class DryRunText
{
    private const int LongestValue = 200;

    private static readonly JsonWriterOptions OnOneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes all of it, assumptions first.</summary>
    public static void Write(Terminal terminal, DryRunDetails run)
    {
        if (run.Steps.Any(s => s.IsAssumed()))
            terminal.Line(AssumptionOf(run.Steps));
        foreach (var step in run.Steps)
            Write(terminal, step);
        var assumed = run.Steps.Count(s => s.IsAssumed());
        var summary = $"{run.Partition} at {run.Consumer}: {Wording.Number(run.Steps.Count(s => s.Outcome == DryRunOutcomes.Handled && !s.IsAssumed()))} would be handled";
        if (assumed > 0)
            summary += $", {Wording.Number(assumed)} only if gateways answer as assumed";
        if (run.Steps.Count(s => s.Outcome == DryRunOutcomes.AlreadyHandled) is > 0 and var old)
            summary += $", {Wording.Number(old)} had been handled before";
        if (run.Steps.Any(s => s.IsStuck()))
            summary += ", then it would stop";
        if (run.NotReached > 0)
            summary += $"; {Wording.Number(run.NotReached)} behind that {(run.LimitReached ? "were not run (--steps)" : "would stay")}";
        terminal.Line(summary + ". Nothing was written.");
        if (run.MovedOn)
            terminal.Line("The subject changed meanwhile, so this may be outdated: run it again.");
    }

    /// <summary>Gets the assumptions of some steps: the gateways, and why they were not called.</summary>
    public static string AssumptionOf(IEnumerable<DryRunStep> steps)
    {
        var all = steps.ToList();
        var calls = all.SelectMany(s => s.AssumedCalls()).ToList();
        var gateways = string.Join(", ", calls.Select(c => $"{c.Gateway}.{c.Method}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var note = calls.Select(c => c.Note).FirstOrDefault(n => n is not null);
        return $"Assumed, not known: {Wording.Count(all.Count(s => s.IsAssumed()), "message", "messages")} would be handled only if gateways do what they are asked ({gateways}). "
            + "A dry run does not call them, so it cannot tell whether they work again."
            + (note is null ? "" : " " + note.ReplaceLineEndings(" "));
    }

    /// <summary>Writes the differences of two documents, one line each.</summary>
    public static void WriteDifferences(Terminal terminal, string indent, IEnumerable<JsonDifference> differences)
    {
        foreach (var d in differences)
        {
            terminal.Line(indent + (d.Path.Length == 0 ? "(all)" : d.Path) + ": " + d.Kind switch
            {
                "added" => "+ " + Short(d.New),
                "removed" => "- " + Short(d.Old),
                _ => $"{Short(d.Old)} -> {Short(d.New)}",
            });
        }
    }

    private static void Write(Terminal terminal, DryRunStep step)
    {
        var number = step.Sequence is null ? "" : string.Create(CultureInfo.InvariantCulture, $" no. {step.Sequence}");
        var edit = step.Edit is null ? "" : " (edited)";
        var outcome = step.Outcome switch
        {
            DryRunOutcomes.AlreadyHandled => "had been handled before",
            DryRunOutcomes.Failed => $"fails: {step.Reason}",
            DryRunOutcomes.Assumed => "handled, if gateways answer as assumed",
            _ => step.Outcome,
        };
        terminal.Line(step.Entry);
        terminal.Styled(
            new Cell($"  {Wording.ShortType(step.Type)}{number}{edit}: ", null), new Cell(outcome, new Style(step.IsStuck() ? Color.Red : step.IsAssumed() ? Color.Yellow : Color.Green)));
        if (step.Description is { } why)
            terminal.Line("    " + why.Split('\n')[0].Trim());
        foreach (var change in step.State)
        {
            terminal.Line($"    state of {change.Partition}");
            WriteDifferences(terminal, "      ", change.Changes);
            if (change.More > 0)
                terminal.Line($"      and {Wording.Count(change.More, "change", "changes")} more");
        }

        foreach (var appended in step.Events)
            terminal.Line($"    appends {Short(appended)}");
        foreach (var message in step.Messages)
            terminal.Line($"    sends {Wording.ShortType(message.Type)} to {message.Destination} for {message.Key}: {(message.DataRef is null ? Short(message.Data) : "data stored apart")}");
        foreach (var call in step.Calls)
        {
            var note = call.Note is null ? "" : $" ({call.Note})";
            terminal.Line($"    asks {call.Gateway}.{call.Method} {Short(call.Arguments)}: {call.Source} {(call.Source == AnswerSources.Failed ? "" : Short(call.Answer))}{note}");
        }
    }

    private static string Short(JsonNode? value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, OnOneLine))
        {
            if (value is null)
                writer.WriteNullValue();
            else
                value.WriteTo(writer);
        }

        var text = System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        return text.Length <= LongestValue ? text : text[..LongestValue] + "...";
    }
}
