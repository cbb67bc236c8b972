using Spectre.Console.Rendering;

namespace Pipeline.Cli;

/// <summary>The same for rendered output: only the control sequences of the renderer reach the terminal, none from a text.</summary>
internal sealed class EscapingHook : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(renderable => new Escaped(renderable));

    private sealed class Escaped(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            foreach (var segment in inner.Render(options, maxWidth))
            {
                var text = segment.IsControlCode ? segment.Text : VisibleText.EscapeLines(segment.Text);
                yield return ReferenceEquals(text, segment.Text) ? segment : new Segment(text, segment.Style);
            }
        }
    }
}
