using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>Where output goes: a live terminal (colours, spinners, redrawing) or a plain stream (lines only).</summary>
internal sealed class Terminal
{
    // Wide enough that no line wraps: who reads a redirected stream, reads lines.
    private const int PlainWidth = 400;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Terminal(TextWriter output, TextWriter error, bool mayBeLive, int? emulatedWidth = null)
    {
        Out = output;
        Error = error;
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
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    public IAnsiConsole Console { get; }

    /// <summary>Whether a person looks at it, so that lines may be redrawn.</summary>
    public bool IsLive { get; }

    /// <summary>Where somebody answers questions; <see langword="null"/> if nobody is there.</summary>
    public TextReader? Answers { get; init; }

    /// <summary>The console of this process.</summary>
    public static Terminal OfProcess() => new(System.Console.Out, System.Console.Error, mayBeLive: !System.Console.IsOutputRedirected)
    {
        Answers = System.Console.IsInputRedirected || System.Console.IsOutputRedirected ? null : System.Console.In,
    };

    /// <summary>Plain streams.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error) => new(output, error, mayBeLive: false);

    /// <summary>What a colour terminal of that many columns would be sent: tests look at it.</summary>
    public static Terminal Emulated(TextWriter output, TextWriter error, int width, TextReader? answers = null) =>
        new(output, error, mayBeLive: true, width) { Answers = answers };

    /// <summary>Writes a line as it is: the terminal wraps it where it must, so that a command in it can still be copied.</summary>
    public void Line(string text = "") => Out.WriteLine(text);

    /// <summary>Writes Spectre markup; escape what comes from outside.</summary>
    public void Markup(string markup) => Console.MarkupLine(markup);

    /// <summary>An empty table: framed for eyes, columns only for pipes.</summary>
    public Table Table(params string[] columns)
    {
        var table = new Table { Border = IsLive ? TableBorder.Rounded : TableBorder.None };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column, IsLive ? new Style(decoration: Decoration.Bold) : null)).NoWrap());

        return table;
    }

    /// <summary>Names and values, one pair a line.</summary>
    public void Pairs(IEnumerable<(string Name, string Value)> pairs)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (name, value) in pairs)
            grid.AddRow(new Text(name, IsLive ? new Style(Color.Grey) : null), new Text(value));

        Console.Write(grid);
    }

    /// <summary>Writes a JSON document, indented.</summary>
    public void Json(JsonElement document)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
            document.WriteTo(writer);

        Out.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>Runs something that takes a moment, under a spinner if there are eyes.</summary>
    public Task<T> WaitAsync<T>(string what, Func<Task<T>> work)
    {
        if (!IsLive)
        {
            Line(what + " ...");
            return work();
        }

        return Console.Status().Spinner(Spinner.Known.Dots).StartAsync(what.EscapeMarkup(), _ => work());
    }
}
