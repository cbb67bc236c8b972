using System.CommandLine;
using System.Globalization;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary>The options that say which dead letters are meant.</summary>
internal sealed class LedgerFilterOptions
{
    private readonly Option<string?> consumer = CommonOptions.Consumer("Only of this consumer, such as ordering/inventory.");
    private readonly Option<string?> type = new("--type") { Description = "Only events of this type.", HelpName = "TYPE" };
    private readonly Option<string?> subject = new("--subject") { Description = "Only of this subject.", HelpName = "SUBJECT" };
    private readonly Option<string?> reason = new("--reason") { Description = "Only with this reason, such as HandlerFailed.", HelpName = "REASON" };
    private readonly Option<string?> fingerprint = new("--fingerprint") { Description = "Only of this group.", HelpName = "FINGERPRINT" };
    private readonly Option<DateTimeOffset?> from = Time("--from", "Only those made then or later, such as 2026-01-31T08:00:00Z.");
    private readonly Option<DateTimeOffset?> to = Time("--to", "Only those made before then.");

    private readonly Option<string> status = new("--status")
    {
        Description = "open (the held ones included), held, closed, discarded or all.",
        HelpName = "STATUS",
        DefaultValueFactory = _ => "open",
    };

    private readonly Option<bool> closed = new("--closed") { Description = "The closed ones; short for --status closed." };

    public LedgerFilterOptions() => status.AcceptOnlyFromAmong("open", "held", "closed", "discarded", "all");

    public void AddTo(Command command)
    {
        AddSelectionTo(command);
        command.Add(status);
        command.Add(closed);
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

    public QueryText Query(string path, ParseResult parsed) => new QueryText(path)
        .Add("status", parsed.GetValue(closed) ? "closed" : parsed.GetValue(status))
        .Add("consumer", parsed.GetValue(consumer))
        .Add("subject", parsed.GetValue(subject))
        .Add("type", parsed.GetValue(type))
        .Add("reason", parsed.GetValue(reason))
        .Add("fingerprint", parsed.GetValue(fingerprint))
        .Add("from", parsed.GetValue(from))
        .Add("to", parsed.GetValue(to));

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
                return time;
            result.AddError($"{name} takes a time such as 2026-01-31T08:00:00Z, not '{text}'.");
            return null;
        },
    };
}
