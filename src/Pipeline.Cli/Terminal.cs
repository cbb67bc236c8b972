using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>The output: a live terminal (colours, spinners, redrawing) or a plain stream (lines only).</summary>
internal sealed class Terminal
{
    // Wide enough that no line wraps: programs read a redirected stream line by line.
    private const int PlainWidth = 400;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Terminal(TextWriter output, TextWriter error, bool mayBeLive, int? emulatedWidth = null)
    {
        Out = new EscapingWriter(output);
        Error = new EscapingWriter(error);
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = emulatedWidth is not null ? AnsiSupport.Yes : mayBeLive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = emulatedWidth is not null ? ColorSystemSupport.Standard : mayBeLive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = emulatedWidth is not null ? InteractionSupport.Yes : mayBeLive ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        IsLive = mayBeLive && Console.Profile.Capabilities is { Ansi: true, Interactive: true };
        if (!IsLive || emulatedWidth is not null)
            Console.Profile.Width = emulatedWidth ?? PlainWidth;
        Console.Pipeline.Attach(new EscapingHook());
    }

    /// <summary>Gets standard output. Control characters are escaped: see <see cref="VisibleText"/>.</summary>
    public TextWriter Out { get; }

    public TextWriter Error { get; }

    public IAnsiConsole Console { get; }

    /// <summary>Whether it is a terminal, so that lines may be redrawn.</summary>
    public bool IsLive { get; }

    /// <summary>Whether standard error is the same terminal.</summary>
    public bool ShowsErrors { get; init; }

    /// <summary>Gets the input for answers; <see langword="null"/> without a terminal.</summary>
    public TextReader? Answers { get; init; }

    /// <summary>Gets the console of this process.</summary>
    public static Terminal OfProcess() => new(System.Console.Out, System.Console.Error, mayBeLive: !System.Console.IsOutputRedirected)
    {
        Answers = System.Console.IsInputRedirected || System.Console.IsOutputRedirected ? null : System.Console.In,
        ShowsErrors = !System.Console.IsErrorRedirected,
    };

    /// <summary>Gets a terminal for plain streams.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error) => new(output, error, mayBeLive: false);

    /// <summary>Plain streams with input for answers.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error, TextReader answers) => new(output, error, mayBeLive: false) { Answers = answers };

    /// <summary>What a colour terminal with this many columns would receive, for tests.</summary>
    public static Terminal Emulated(TextWriter output, TextWriter error, int width, TextReader? answers = null) =>
        new(output, error, mayBeLive: true, width) { Answers = answers };

    /// <summary>Puts a text on one line, so that no text from outside can look like a line or column of this tool.</summary>
    public static string OneLine(string text) =>
        VisibleText.Escape(text.Replace("\r\n", " ", StringComparison.Ordinal).Replace('\n', ' '));

    /// <summary>Writes a line, wrapped in a narrow terminal; a command in it is never broken, so that it can be copied.</summary>
    public void Line(string text = "")
    {
        text = OneLine(text);
        foreach (var line in IsLive ? WordWrap.Lines(text, Console.Profile.Width, hanging: 2) : [text])
            Out.WriteLine(line);
    }

    /// <summary>Writes an empty line between two tables in a terminal; in a pipe every line is a row.</summary>
    public void Gap()
    {
        if (IsLive)
            Line();
    }

    /// <summary>Writes several lines of the tool itself.</summary>
    public void Lines(string text)
    {
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
            Line(line);
    }

    /// <summary>Writes an error to standard error, in one line; a terminal gets it wrapped between words.</summary>
    public void Complain(string what)
    {
        var text = "pipeline: " + OneLine(what);
        foreach (var line in IsLive && ShowsErrors ? WordWrap.Lines(text, Console.Profile.Width, hanging: 2) : [text])
            Error.WriteLine(line);
    }

    /// <summary>Writes a line with a style for some of its parts.</summary>
    public void Styled(params Cell[] parts)
    {
        if (IsLive)
            Console.Write(new StyledLine(parts));
        else
            Line(string.Concat(parts.Select(part => part.Text)));
    }

    /// <summary>An empty table.</summary>
    public TextTable Table(params Column[] columns) => new(IsLive, columns);

    /// <summary>Names and values, one pair a line.</summary>
    public void Pairs(IEnumerable<(string Name, string Value)> pairs)
    {
        var table = Table("", Column.Wrapping(""));
        foreach (var (name, value) in pairs)
            table.AddCells(new Cell(name, new Style(Color.Grey)), value);

        Console.Write(table);
    }

    /// <summary>Writes a JSON document, indented.</summary>
    public void Json(JsonElement document)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
            document.WriteTo(writer);

        Out.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>Runs something that takes a moment, with a spinner in a terminal.</summary>
    public Task<T> WaitAsync<T>(string what, Func<Task<T>> work)
    {
        if (!IsLive)
        {
            Line(what + " ...");
            return work();
        }

        return Console.Status().Spinner(Spinner.Known.Dots).StartAsync(OneLine(what).EscapeMarkup(), _ => work());
    }
}
