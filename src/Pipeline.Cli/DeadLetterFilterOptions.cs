using System.CommandLine;
using Pipeline.Client;
using Pipeline.CloudEvents;

namespace Pipeline.Cli;

/// <summary>The options that select dead letters.</summary>
internal sealed class DeadLetterFilterOptions
{
    private const string WaitingForRetry = "waiting-for-retry";

    private readonly Option<string?> consumer = CommonOptions.Consumer("Only of this consumer, such as ordering/inventory.");
    private readonly Option<string?> type = new("--type") { Description = "Only events of this type.", HelpName = "TYPE" };
    private readonly Option<string?> subject = new("--subject") { Description = "Only of this subject.", HelpName = "SUBJECT" };
    private readonly Option<string?> reason = new("--reason") { Description = "Only with this reason, such as HandlerFailed.", HelpName = "REASON" };
    private readonly Option<string?> fingerprint = new("--fingerprint") { Description = "Only of this group.", HelpName = "FINGERPRINT" };
    private readonly Option<DateTimeOffset?> from = Time("--from", "Only those created then or later, such as 2026-01-31T08:00:00Z; a date alone is its midnight in UTC.");
    private readonly Option<DateTimeOffset?> to = Time("--to", "Only those created before then; a date alone is its midnight in UTC.");

    private readonly Option<string> status = new("--status")
    {
        Description = "open (those that wait for a retry included), waiting-for-retry, closed, discarded or all.",
        HelpName = "STATUS",
        DefaultValueFactory = _ => "open",
    };

    private readonly Option<bool> closed = new("--closed") { Description = "The closed ones; short for --status closed." };

    private readonly Option<bool> waitingForRetry = new("--waiting-for-retry") { Description = "Those that wait for a delayed retry; short for --status waiting-for-retry." };

    public DeadLetterFilterOptions() => status.AcceptOnlyFromAmong("open", WaitingForRetry, "closed", "discarded", "all");

    public void AddTo(Command command)
    {
        AddSelectionTo(command);
        command.Add(status);
        command.Add(closed);
        command.Add(waitingForRetry);
    }

    /// <summary>All but the status: only open ones can be replayed.</summary>
    public void AddSelectionTo(Command command)
    {
        foreach (var option in new Option[] { consumer, type, subject, reason, fingerprint, from, to })
            command.Add(option);
    }

    public PlanReplayRequest Selection(ParseResult parsed) => new()
    {
        Consumer = parsed.GetValue(consumer),
        Type = parsed.GetValue(type),
        Subject = parsed.GetValue(subject),
        Reason = parsed.GetValue(reason),
        Fingerprint = parsed.GetValue(fingerprint),
        From = parsed.GetValue(from),
        To = parsed.GetValue(to),
    };

    public QueryText Query(string path, ParseResult parsed) => new DeadLetterQuery
    {
        Status = StatusOf(parsed),
        Consumer = parsed.GetValue(consumer),
        Subject = parsed.GetValue(subject),
        Type = parsed.GetValue(type),
        Reason = parsed.GetValue(reason),
        Fingerprint = parsed.GetValue(fingerprint),
        From = parsed.GetValue(from),
        To = parsed.GetValue(to),
    }.AddTo(new QueryText(path));

    /// <summary>Writes how given times were understood; to standard error, because a program may read the output.</summary>
    public void TellTimes(ParseResult parsed, Terminal terminal)
    {
        var times = new[] { ("from", parsed.GetValue(from)), ("before", parsed.GetValue(to)) }
            .Where(t => t.Item2 is not null)
            .Select(t => $"{t.Item1} {Rfc3339.Write(t.Item2!.Value)}")
            .ToList();
        if (times.Count > 0)
            terminal.Error.WriteLine($"Only dead letters created {string.Join(", and ", times)}.");
    }

    private string? StatusOf(ParseResult parsed) =>
        parsed.GetValue(closed) ? "closed"
        : parsed.GetValue(waitingForRetry) || parsed.GetValue(status) == WaitingForRetry ? "waitingForRetry"
        : parsed.GetValue(status);

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (Rfc3339.TryReadDateOrTime(text, out var time))
                return time;
            result.AddError($"{name} takes {Rfc3339.DateOrTimeExpected}; not '{text}'.");
            return null;
        },
    };
}
