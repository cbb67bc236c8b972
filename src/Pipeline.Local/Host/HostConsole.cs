using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Pipeline.Local.Hosting;

/// <summary>What a person sees: one line an event, with the time, and the level where it is more than information.</summary>
internal static class HostConsole
{
    private const string FormatterName = "pipeline";
    private const string Indent = "         "; // As wide as the time.
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";
    private const int HostingFailedToStart = 11;

    public static void AddTo(ILoggingBuilder logging)
    {
        logging.AddConsole(options => options.FormatterName = FormatterName);
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();

        // How the web server, the HTTP clients and the host itself work matters only when something is wrong.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Azure", LogLevel.Warning);
    }

    /// <summary>Writes a line that programs read too, so without time and level.</summary>
    public static void WriteLine(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    internal sealed class LineFormatter() : ConsoleFormatter(FormatterName)
    {
        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            // The exception is thrown as well, and says it better: see StartupException.
            if (logEntry is { EventId.Id: HostingFailedToStart, Category: HostCategory })
                return;
#pragma warning disable RS0030 // A log line tells the wall clock of whoever reads it, also where the app's time is simulated.
            textWriter.Write(DateTime.Now.ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
#pragma warning restore RS0030
            if (logEntry.LogLevel > LogLevel.Information)
            {
                textWriter.Write(logEntry.LogLevel == LogLevel.Warning ? "warning" : "error");
                textWriter.Write(": ");
            }

            textWriter.WriteLine(Shown(logEntry.Formatter(logEntry.State, logEntry.Exception)));
            if (logEntry.Exception is not null)
                textWriter.WriteLine(Indent + Shown(logEntry.Exception.ToString()));
        }

        /// <summary>What a value holds can neither steer the terminal nor pass for a line of its own: further lines are indented.</summary>
        private static string Shown(string text) =>
            VisibleText.EscapeLines(text).ReplaceLineEndings(Environment.NewLine + Indent);
    }
}
