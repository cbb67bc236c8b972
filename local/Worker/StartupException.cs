using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Local;

/// <summary>
/// The host cannot start, for a reason that its message states together with what to change. In a process of its own
/// the message goes to standard error without a stack trace, and the exit code is 1.
/// </summary>
public sealed class StartupException : Exception
{
    private static int _hooked;

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

    [SuppressMessage("Usage", "MA0131", Justification = "Not a thread exit: the process is ending because of an unhandled exception.")]
    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs args)
    {
        if (args.ExceptionObject is not StartupException error)
            return;
        Console.Out.Flush();
        Console.Error.WriteLine(VisibleText.EscapeLines(error.Message));
        Environment.Exit(1);
    }
}
