using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline replay dry-run</c>: shows the effect of applying a plan, subject by subject, without doing it.</summary>
internal static class ReplayDryRun
{
    private const int PageSize = 20;
    private const int CausesShown = 10;

    public static Command Create(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The id of the plan." };
        var subjects = CommonOptions.Number("--subjects", "Run at most this many subjects of the plan.", 1, 50_000, 100);
        var steps = CommonOptions.Number("--steps", "Run at most this many messages of a subject.", 1, 500, 50);
        var all = new Option<bool>("--all") { Description = "Show what happens in every subject, not the first of each outcome only." };
        var json = CommonOptions.Json();
        var command = new Command("dry-run", "Show what applying a plan would do, without doing it. Exit code 1: some of it would fail; 3: some of it would succeed only if gateways answer as assumed.")
        {
            id, subjects, steps, all, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var tally = new Tally(context.Terminal, parsed.GetValue(json), parsed.GetValue(all));
            var (seen, continuation) = (0, (string?)null);
            do
            {
                var page = await client.Replays.DryRunAsync(
                    parsed.GetRequiredValue(id), Math.Min(PageSize, parsed.GetValue(subjects) - seen), parsed.GetValue(steps), continuation, cancellationToken);
                foreach (var subject in page.Items)
                    tally.Add(subject);
                seen += page.Items.Count;
                continuation = page.Continuation;
            }
            while (continuation is not null && seen < parsed.GetValue(subjects));
            tally.Conclude(isAll: continuation is null, parsed.GetRequiredValue(id));
            return tally.ExitCode;
        });
        return command;
    }

    /// <summary>Counts outcomes; the first of each is shown in full.</summary>
    private sealed class Tally(Terminal terminal, bool json, bool all)
    {
        private readonly List<PlannedDryRun> _kept = [];
        private readonly Dictionary<string, (int Count, DryRunDetails Sample)> _failures = new(StringComparer.Ordinal);
        private readonly List<string> _refused = [];
        private int _through;
        private int _handled;
        private int _alreadyHandled;
        private int _beyond;
        private readonly List<DryRunStep> _assumed = [];

        public int ExitCode => _failures.Count > 0 ? Cli.ExitCode.Failed : _assumed.Count > 0 ? Cli.ExitCode.Assumed : Cli.ExitCode.Ok;

        public void Add(PlannedDryRun planned)
        {
            if (json)
                _kept.Add(planned);
            if (planned.DryRun is not { } run)
            {
                _refused.Add(planned.Refused ?? "");
                return;
            }

            _handled += run.Steps.Count(s => s.Outcome == DryRunOutcomes.Handled && !s.IsAssumed());
            _alreadyHandled += run.Steps.Count(s => s.Outcome == DryRunOutcomes.AlreadyHandled);
            _beyond += run.LimitReached ? 1 : 0;
            _assumed.AddRange(run.Steps.Where(s => s.IsAssumed()));
            var isFirst = _through == 0;
            if (run.Steps.FirstOrDefault(s => s.IsStuck()) is { } stuck)
            {
                var cause = $"{stuck.Reason ?? stuck.Outcome}: {(stuck.Description ?? "").Split('\n')[0].Trim()}";
                isFirst = !_failures.TryGetValue(cause, out var failure);
                _failures[cause] = isFirst ? (1, run) : (failure.Count + 1, failure.Sample);
            }
            else
            {
                _through++;
            }

            if (json || (!all && !isFirst))
                return;
            DryRunText.Write(terminal, run);
            terminal.Line();
        }

        public void Conclude(bool isAll, string id)
        {
            if (json)
            {
                terminal.Json(JsonSerializer.SerializeToElement(new Page<PlannedDryRun>(_kept, null), PipelineJson.Default.PagePlannedDryRun));
                return;
            }

            if (_assumed.Count > 0)
                terminal.Line(DryRunText.AssumptionOf(_assumed));
            terminal.Line($"{Wording.Count(_through, "subject", "subjects")} would go through: {Wording.Count(_handled, "message", "messages")} handled"
                + (_assumed.Count > 0 ? $", {Wording.Number(_assumed.Count)} only if gateways answer as assumed" : "")
                + (_alreadyHandled > 0 ? $", {Wording.Number(_alreadyHandled)} had been handled before." : "."));
            foreach (var (cause, (count, sample)) in _failures.OrderByDescending(f => f.Value.Count).Take(CausesShown))
                terminal.Line($"{Wording.Count(count, "subject", "subjects")} would fail again, such as {sample.Partition}: {cause}");
            if (_refused.Count > 0)
                terminal.Line($"{Wording.Count(_refused.Count, "subject", "subjects")} would be skipped: {_refused[0]}");
            if (_beyond > 0)
                terminal.Line($"In {Wording.Count(_beyond, "subject", "subjects")} more messages wait than were run (--steps).");
            if (!isAll)
                terminal.Line("The plan has more subjects than were run (--subjects).");
            terminal.Line($"Nothing was written or sent. Apply it: {Wording.Tool} replay apply {id} --wait");
        }
    }
}
