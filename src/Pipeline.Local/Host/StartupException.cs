using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Local;

/// <summary>
/// The host cannot start, for a reason that its message states together with what to change. In a process of its own
/// the message goes to standard error without a stack trace, and the exit code is 1.
/// </summary>
public sealed class StartupException : Exception
{
    private static int _hooked;
    private static volatile Exception? _cause;

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and which setting or line of code to change.</param>
    /// <param name="cause">What led to it, if it was a failure.</param>
    public StartupException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>Makes a process that dies of this exception say only what the user needs.</summary>
    internal static void PrintInsteadOfCrashing()
    {
        if (Interlocked.Exchange(ref _hooked, 1) == 0)
            AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    /// <summary>Remembers that an exception of the app's own ended the start. It is thrown as it is, so that the app can catch it.</summary>
    internal static void IsWhy(Exception cause) => _cause = cause;

    /// <summary>What is said of an exception that ends the process: the reason alone where it ended the start; <see langword="null"/> for a crash.</summary>
    internal static string? MessageOf(object exception) => exception switch
    {
        StartupException error => error.Message,
        Exception error when ReferenceEquals(error, _cause) => $"The host cannot start: {error.GetType().Name}: {error.Message}",
        _ => null,
    };

    [SuppressMessage("Usage", "MA0131", Justification = "Not a thread exit: the process is ending because of an unhandled exception.")]
    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs args)
    {
        if (MessageOf(args.ExceptionObject) is not { } message)
            return;
        Console.Out.Flush();
        Console.Error.WriteLine(VisibleText.EscapeLines(message));
        Environment.Exit(1);
    }
}
