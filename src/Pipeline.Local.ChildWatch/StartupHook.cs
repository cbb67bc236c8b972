using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

/// <summary>
/// Ends an app when the Functions host that started it has ended, also by <c>kill -9</c>: the worker itself would run on for ever.
/// The host holds the other end of the app's standard input.
/// </summary>
/// <remarks>.NET calls it before <c>Main</c>, and asks for this name in no namespace.</remarks>
[SuppressMessage("Design", "MA0047:Declare types in namespaces", Justification = "The name is asked for.")]
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The name is asked for.")]
internal static class StartupHook
{
    private const string HooksName = "DOTNET_STARTUP_HOOKS";
    private const string OthersName = "PIPELINE_OTHER_STARTUP_HOOKS";

    public static void Initialize()
    {
        // What the app starts has a standard input of its own, which is nobody's sign of life.
        Environment.SetEnvironmentVariable(HooksName, Environment.GetEnvironmentVariable(OthersName));
        Environment.SetEnvironmentVariable(OthersName, null);
        LeaveGroup();
        new Thread(Watch) { IsBackground = true, Name = "Waits for the end of the host" }.Start();
    }

    /// <summary>Ctrl+C goes to all of a terminal's group: the host takes it, and ends this app when what runs has ended.</summary>
    private static void LeaveGroup()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            _ = SetProcessGroup(0, 0);
    }

    [DllImport("libc", EntryPoint = "setpgid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetProcessGroup(int process, int group);

    private static void Watch()
    {
        var buffer = new byte[16];
        try
        {
            using (var input = Console.OpenStandardInput())
            {
                while (input.Read(buffer, 0, buffer.Length) > 0)
                {
                    // The host writes nothing; what comes means nothing.
                }
            }
        }
        catch (IOException)
        {
            // The other end is gone too.
        }

        Environment.Exit(1);
    }
}
