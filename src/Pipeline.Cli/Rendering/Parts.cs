using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Cli;

/// <summary>Short texts side by side, on as many lines as needed; none of them is broken.</summary>
internal sealed class Parts(params Cell[] parts) : Renderable
{
    private const string Gap = "  ";

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var used = 0;
        foreach (var part in parts)
        {
            var text = Terminal.OneLine(part.Text);
            if (used > 0 && used + Gap.Length + text.GetCellWidth() > maxWidth)
            {
                yield return Segment.LineBreak;
                used = 0;
            }

            if (used > 0)
                yield return new Segment(Gap);
            yield return new Segment(text, part.Style ?? Style.Plain);
            used += (used > 0 ? Gap.Length : 0) + text.GetCellWidth();
        }

        yield return Segment.LineBreak;
    }
}
