using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Storage;

namespace Pipeline.Local.Hosting;

/// <summary>The process of an app. It ends when this one does, also by <c>kill -9</c>.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const string HooksName = "DOTNET_STARTUP_HOOKS";
    private const string OtherHooksName = "PIPELINE_OTHER_STARTUP_HOOKS";

    private readonly Process _process;
    private readonly OutputTail _output = new();
    private readonly Task _reading;

    private WorkerProcess(Process process, ILogger console)
    {
        _process = process;
        Id = process.Id;
        _reading = Task.WhenAll(
            _output.ReadAsync(process.StandardOutput, line => console.LogInformation("{Line}", line)),
            _output.ReadAsync(process.StandardError, line => console.LogError("{Line}", line)));
        Ended = EndAsync();
    }

    public int Id { get; }

    /// <summary>Completes when it has ended, with its exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>The last it wrote.</summary>
    public string Output => _output.ToString();

    /// <exception cref="StartupException">It cannot be started.</exception>
    public static WorkerProcess Start(AppFolder app, Uri host, string workerId, IEnumerable<KeyValuePair<string, string>> environment, ILogger console)
    {
        var start = new ProcessStartInfo(DotnetPath())
        {
            WorkingDirectory = Directory.GetCurrentDirectory(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])[app.Assembly, .. Arguments(host, workerId)])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment.Concat(AppEnvironment.OfHost(app)))
            start.Environment[name] = value;
        AddHook(start);
        try
        {
            return new WorkerProcess(Process.Start(start)!, console);
        }
        catch (Win32Exception error)
        {
            throw new StartupException($"{app.Assembly} could not be started: '{start.FileName}' did not run ({error.Message}). Is .NET on the PATH?", error);
        }
    }

    /// <summary>Ends it at once, with all that it started.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    /// <summary>To be called after it has ended, or was killed.</summary>
    public void Dispose() => _process.Dispose();

    private async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        await _reading;
        return _process.ExitCode;
    }

    private static string[] Arguments(Uri host, string workerId)
    {
        var port = host.Port.ToString(CultureInfo.InvariantCulture);
        var limit = int.MaxValue.ToString(CultureInfo.InvariantCulture);
        return
        [
            // What workers before 2.x read, then what those since then read.
            "--host", host.Host, "--port", port, "--workerId", workerId, "--requestId", workerId, "--grpcMaxMessageLength", limit,
            "--functions-uri", host.AbsoluteUri, "--functions-worker-id", workerId, "--functions-request-id", workerId,
            "--functions-grpc-max-message-length", limit,
        ];
    }

    private static void AddHook(ProcessStartInfo start)
    {
        var hook = Path.Combine(Path.GetDirectoryName(typeof(WorkerProcess).Assembly.Location)!, "Pipeline.Local.ChildWatch.dll");
        if (!File.Exists(hook))
            throw new StartupException($"{hook} is missing: build again.");
        var others = start.Environment.TryGetValue(HooksName, out var given) ? given : null;
        start.Environment[OtherHooksName] = others;
        start.Environment[HooksName] = string.IsNullOrEmpty(others) ? hook : hook + Path.PathSeparator + others;
    }

    /// <summary>The one that this process runs on, whatever program started that; else the one on the PATH.</summary>
    private static string DotnetPath()
    {
        if (Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            return own;
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var beside = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(beside) ? beside : "dotnet";
    }
}
