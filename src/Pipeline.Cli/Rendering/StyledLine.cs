using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Cli;

/// <summary>A line with styled parts, wrapped at its spaces like any other.</summary>
internal sealed class StyledLine(params Cell[] parts) : Renderable
{
    private readonly Cell[] parts = [.. parts.Select(part => part with { Text = Terminal.OneLine(part.Text) })];

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        // The lines have the same characters in the same order, except for spaces between words.
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
