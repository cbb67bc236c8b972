using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Cli.Running;

/// <summary>Shows counts during a run: a redrawn bar, or lines.</summary>
internal sealed class ProgressView(Terminal terminal, TimeProvider clock, Func<ProgressCounts> look)
{
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(2);

    public async Task ShowAsync(Task work)
    {
        var start = clock.GetTimestamp();
        if (!terminal.IsLive)
        {
            await PrintAsync(work, start);
            return;
        }

        await terminal.Console.Live(Draw(start)).StartAsync(async view =>
        {
            while (!work.IsCompleted)
            {
                view.UpdateTarget(Draw(start));
                await Task.WhenAny(work, Task.Delay(RedrawEvery, clock));
            }

            view.UpdateTarget(Draw(start));
        });
        await work;
    }

    private async Task PrintAsync(Task work, long start)
    {
        var last = "";
        string? lastNote = null;
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(LineEvery, clock));
            var progress = look();
            var note = progress.Note;
            if (note is not null && note != lastNote)
                terminal.Line($"{Wording.Duration(clock.GetElapsedTime(start)),8}  {note}");

            lastNote = note;
            var line = Counts(progress);
            if (line != last)
                terminal.Line($"{Wording.Duration(clock.GetElapsedTime(start)),8}  {line}");

            last = line;
        }

        await work;
    }

    private static string Counts(ProgressCounts progress) =>
        string.Create(CultureInfo.InvariantCulture, $"{progress.Verb} {progress.Begun} of {progress.Total}")
        + string.Concat(progress.Parts.Select(part => $", {part.Name} {Wording.Plain(part.Count)}"));

    private Rows Draw(long start)
    {
        var progress = look();
        var elapsed = Wording.Duration(clock.GetElapsedTime(start));
        var percent = 100 * progress.Parts.Where(part => part.IsFinal).Sum(part => part.Count) / progress.Total;
        var legend = new Parts(
        [
            new Cell($"{progress.Verb} {Wording.Plain(progress.Begun)}", new Style(decoration: Decoration.Bold)),
            .. progress.Parts.Select(part => new Cell($"{part.Name} {Wording.Plain(part.Count)}", new Style(part.Color))),
            new Cell($"{Wording.Plain(percent)} % settled, {elapsed}", new Style(Color.Grey)),
        ]);
        return progress.Note is { } note
            ? new Rows(new Bar(progress), legend, new Text(Terminal.OneLine(note), new Style(Color.Grey)))
            : new Rows(new Bar(progress), legend);
    }

    /// <summary>One bar with a part for each count: those that are final first.</summary>
    private sealed class Bar(ProgressCounts progress) : Renderable
    {
        private const int Widest = 80;

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            var width = Math.Min(Widest, maxWidth);
            var unit = options.Unicode ? '━' : '=';
            var (from, sum) = (0, 0L);
            foreach (var (_, count, color, _) in progress.Parts.Where(part => part.IsFinal).Concat(progress.Parts.Where(part => !part.IsFinal).Reverse()))
            {
                sum += count;
                var to = (int)Math.Min(width, sum * width / progress.Total);
                if (to > from)
                    yield return new Segment(new string(unit, to - from), new Style(color));

                from = Math.Max(from, to);
            }

            if (from < width)
                yield return new Segment(new string(unit, width - from), new Style(Color.Grey23));

            yield return Segment.LineBreak;
        }
    }
}
