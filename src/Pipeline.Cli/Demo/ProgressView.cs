using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Cli.Demo;

/// <summary>Shows a tally during a run: a redrawn bar, or lines.</summary>
internal sealed class ProgressView(Terminal terminal, TimeProvider clock, Tally tally)
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
            var note = tally.Note;
            if (note is not null && note != lastNote)
                terminal.Line($"{Wording.Duration(clock.GetElapsedTime(start)),8}  {note}");

            lastNote = note;
            var line = Counts();
            if (line != last)
                terminal.Line($"{Wording.Duration(clock.GetElapsedTime(start)),8}  {line}");

            last = line;
        }

        await work;
    }

    private string Counts() => string.Create(
        CultureInfo.InvariantCulture,
        $"placed {tally.Placed} of {tally.Orders}, in flight {tally.InFlight}, completed {tally.Completed}, cancelled {tally.Cancelled}, blocked {tally.Blocked}");

    private Rows Draw(long start)
    {
        var elapsed = Wording.Duration(clock.GetElapsedTime(start));
        var percent = 100 * tally.Final / tally.Orders;
        var legend = new Parts(
            new Cell($"placed {Wording.Plain(tally.Placed)}", new Style(decoration: Decoration.Bold)),
            new Cell($"in flight {Wording.Plain(tally.InFlight)}", new Style(Color.Blue)),
            new Cell($"completed {Wording.Plain(tally.Completed)}", new Style(Color.Green)),
            new Cell($"cancelled {Wording.Plain(tally.Cancelled)}", new Style(Color.Yellow)),
            new Cell($"blocked {Wording.Plain(tally.Blocked)}", new Style(Color.Red)),
            new Cell($"{Wording.Plain(percent)} % settled, {elapsed}", new Style(Color.Grey)));
        return tally.Note is { } note
            ? new Rows(new Bar(tally), legend, new Text(Terminal.OneLine(note), new Style(Color.Grey)))
            : new Rows(new Bar(tally), legend);
    }

    /// <summary>One bar with a part for each state of the orders.</summary>
    private sealed class Bar(Tally tally) : Renderable
    {
        private const int Widest = 80;

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            var width = Math.Min(Widest, maxWidth);
            var unit = options.Unicode ? '━' : '=';
            var (from, sum) = (0, 0L);
            foreach (var (count, color) in Parts())
            {
                sum += count;
                var to = (int)Math.Min(width, sum * width / tally.Orders);
                if (to > from)
                    yield return new Segment(new string(unit, to - from), new Style(color));

                from = Math.Max(from, to);
            }

            if (from < width)
                yield return new Segment(new string(unit, width - from), new Style(Color.Grey23));

            yield return Segment.LineBreak;
        }

        private IEnumerable<(int Count, Color Color)> Parts()
        {
            yield return (tally.Completed, Color.Green);
            yield return (tally.Cancelled, Color.Yellow);
            yield return (tally.Blocked, Color.Red);
            yield return (tally.InFlight, Color.Blue);
        }
    }
}
