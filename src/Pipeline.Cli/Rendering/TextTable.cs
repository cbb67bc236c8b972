using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pipeline.Cli;

/// <summary>
/// A table that never breaks ids, numbers and times: in a narrow terminal only columns with <see cref="Column.Wraps"/> get
/// narrower, and then the row continues on the next line, indented. In a pipe each row is one line with tabs between the cells,
/// neither padded nor cut.
/// </summary>
internal sealed class TextTable(bool isLive, IReadOnlyList<Column> columns) : Renderable
{
    private const int Gap = 2;
    private const int Indent = 4;

    /// <summary>The least width of wrapped text.</summary>
    private const int LeastWrapped = 24;

    private static readonly Style Heading = new(decoration: Decoration.Bold);

    private readonly List<Cell[]> rows = [];

    public int Count => rows.Count;

    private bool HasHeadings => columns.Any(column => column.Name.Length > 0);

    /// <summary>Adds a row; texts, numbers, or <see cref="Cell"/>s.</summary>
    public void AddCells(params object?[] cells) => rows.Add([.. cells.Select(CellOf)]);

    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(Math.Min(1, maxWidth), maxWidth);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        IEnumerable<Cell[]> all = HasHeadings ? rows.Prepend([.. columns.Select(column => new Cell(column.Name, isLive ? Heading : null))]) : rows;
        var lines = isLive ? new Layout(columns, [.. all], maxWidth).Lines() : all.Select(Plain);
        foreach (var line in lines)
        {
            foreach (var cell in line)
                yield return new Segment(cell.Text, cell.Style ?? Style.Plain);
            yield return Segment.LineBreak;
        }
    }

    private static List<Cell> Plain(Cell[] row) => [new Cell(string.Join('\t', row.Select(cell => cell.Text)), null)];

    private static Cell CellOf(object? value) => value switch
    {
        Cell cell => cell with { Text = Terminal.OneLine(cell.Text) },
        null => new Cell("", null),
        IFormattable formattable => new Cell(Terminal.OneLine(formattable.ToString(null, CultureInfo.InvariantCulture)), null),
        string text => new Cell(Terminal.OneLine(text), null),
        _ => throw new ArgumentException($"A cell is a text, a number or a Cell, not a {value.GetType().Name}.", nameof(value)),
    };

    /// <summary>The layout at a width.</summary>
    private sealed class Layout
    {
        private readonly IReadOnlyList<Column> columns;
        private readonly IReadOnlyList<Cell[]> rows;
        private readonly int[] natural;
        private readonly int[] least;
        private readonly List<(int[] Columns, int[] Widths, int Indent)> parts = [];

        public Layout(IReadOnlyList<Column> columns, IReadOnlyList<Cell[]> rows, int width)
        {
            (this.columns, this.rows) = (columns, rows);
            natural = [.. columns.Select((_, i) => rows.Max(row => row[i].Text.GetCellWidth()))];
            least = [.. columns.Select((column, i) => column.Wraps
                ? Math.Max(rows.Max(row => WordWrap.LongestWord(row[i].Text)), Math.Min(natural[i], LeastWrapped))
                : natural[i])];
            var all = Enumerable.Range(0, columns.Count).ToArray();
            if (Fits(all, width))
            {
                parts.Add((all, Widths(all, width), 0));
                return;
            }

            AddParts([.. all.Where(i => !columns[i].IsBelow)], width);
            AddParts([.. all.Where(i => columns[i].IsBelow)], width);
        }

        public IEnumerable<List<Cell>> Lines() => rows.SelectMany(row => parts.SelectMany(part => LinesOf(row, part.Columns, part.Widths, part.Indent)));

        private bool Fits(int[] which, int width) => which.Sum(i => least[i]) + Gap * (which.Length - 1) <= width;

        /// <summary>Puts as many columns on a line as fit; at least one.</summary>
        private void AddParts(int[] which, int width)
        {
            for (var from = 0; from < which.Length;)
            {
                var indent = parts.Count == 0 ? 0 : Indent;
                var count = 1;
                while (from + count < which.Length && Fits(which[from..(from + count + 1)], width - indent))
                    count++;
                var part = which[from..(from + count)];
                parts.Add((part, Widths(part, width - indent), indent));
                from += count;
            }
        }

        /// <summary>The width beyond the least goes to the columns that wrap.</summary>
        private int[] Widths(int[] which, int width)
        {
            var left = width - which.Sum(i => least[i]) - Gap * (which.Length - 1);
            var widths = new int[which.Length];
            for (var n = 0; n < which.Length; n++)
            {
                var more = Math.Max(0, Math.Min(left, natural[which[n]] - least[which[n]]));
                widths[n] = least[which[n]] + more;
                left -= more;
            }

            return widths;
        }

        private IEnumerable<List<Cell>> LinesOf(Cell[] row, int[] which, int[] widths, int indent)
        {
            if (parts.Count > 1 && which.All(i => row[i].Text.Length == 0))
                yield break;
            var cells = which.Select((i, n) => columns[i].Wraps ? [.. WordWrap.Lines(row[i].Text, widths[n])] : new[] { row[i].Text }).ToArray();
            for (var line = 0; line < cells.Max(cell => cell.Length); line++)
            {
                var segments = new List<Cell>(which.Length * 2);
                var space = indent;
                for (var n = 0; n < which.Length; n++)
                {
                    var text = line < cells[n].Length ? cells[n][line] : "";
                    var rest = Math.Max(0, widths[n] - text.GetCellWidth());
                    space += columns[which[n]].IsRight ? rest : 0;
                    if (text.Length > 0)
                    {
                        segments.Add(new Cell(new string(' ', space), null));
                        segments.Add(row[which[n]] with { Text = text });
                        space = 0;
                    }

                    space += Gap + (columns[which[n]].IsRight ? 0 : rest);
                }

                yield return segments;
            }
        }
    }
}
