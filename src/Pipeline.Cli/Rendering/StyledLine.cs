using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Cli;

/// <summary>A line whose parts have styles, broken at its spaces like any other where there is no room.</summary>
internal sealed class StyledLine(params Cell[] parts) : Renderable
{
    private readonly Cell[] parts = [.. parts.Select(part => part with { Text = Terminal.OneLine(part.Text) })];

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        // Lines hold the same characters in the same order; only the spaces between words may be others.
        var styles = new Queue<Style?>(parts.SelectMany(part => part.Text.Where(c => c != ' ').Select(_ => part.Style)));
        foreach (var line in WordWrap.Lines(string.Concat(parts.Select(part => part.Text)), maxWidth, hanging: 2))
        {
            for (int from = 0, to; from < line.Length; from = to)
            {
                var style = line[from] == ' ' ? null : styles.Dequeue();
                for (to = from + 1; to < line.Length && (line[to] == ' ' || Equals(styles.Peek(), style)); to++)
                {
                    if (line[to] != ' ')
                        styles.Dequeue();
                }

                yield return new Segment(line[from..to], style ?? Style.Plain);
            }

            yield return Segment.LineBreak;
        }
    }
}
