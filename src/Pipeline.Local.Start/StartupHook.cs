using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Pipeline.Local.Start;

/// <summary>
/// Hosts an app in its own process: .NET calls this before the app's <c>Main</c>, to which the host looks as one outside does, since they
/// share nothing but the framework and a port.
/// </summary>
/// <remarks>.NET asks for this name in no namespace.</remarks>
[SuppressMessage("Design", "MA0047:Declare types in namespaces", Justification = "The name is asked for.")]
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The name is asked for.")]
internal static class StartupHook
{
    private const string HooksName = "DOTNET_STARTUP_HOOKS";

    /// <summary>What a Functions host says to an app that it starts.</summary>
    private static readonly string[] _saysHost = ["--functions-worker-id", "--workerId"];

    /// <summary>Returns when the app's <c>Main</c> may connect to the host.</summary>
    public static void Initialize()
    {
        var words = Environment.GetCommandLineArgs();
        ForgetIn(HooksName);
        if (words.Any(word => _saysHost.Contains(word, StringComparer.OrdinalIgnoreCase)))
            return;
        if (HostContext.Shared("Microsoft.AspNetCore.Hosting") is null)
        {
            Console.Error.WriteLine(
                $"{words[0]} does not use the shared ASP.NET Core framework, which the embedded Functions host needs in its process. " +
                "Start it with 'pipeline start', which hosts it from outside, or add <FrameworkReference Include=\"Microsoft.AspNetCore.App\" /> to its project.");
            Environment.Exit(1);
        }

        var entry = new HostContext().LoadFromAssemblyName(new AssemblyName("Pipeline.Local")).GetType("Pipeline.Local.Hosting.HostBeforeMain", throwOnError: true)!;
        try
        {
            entry.GetMethod("Start", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [words[0], words[1..]]);
        }
        catch (TargetInvocationException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerException!);
        }
    }

    /// <summary>What the app starts is not hosted by this.</summary>
    private static void ForgetIn(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { } hooks)
            return;
        var own = typeof(StartupHook).Assembly.Location;
        var others = hooks.Split(Path.PathSeparator).Where(hook => hook != own);
        Environment.SetEnvironmentVariable(variable, string.Join(Path.PathSeparator, others) is { Length: > 0 } left ? left : null);
    }
}
