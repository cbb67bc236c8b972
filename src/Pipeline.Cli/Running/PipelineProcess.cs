using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Pipeline.Client;

namespace Pipeline.Cli.Running;

/// <summary>The pipeline as a separate process, started and stopped by this tool.</summary>
internal sealed partial class PipelineProcess : IAsyncDisposable
{
    private const int TailLines = 25;
    private const int SigTerm = 15;
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(15);

    private readonly StartSettings settings;
    private readonly StreamWriter log;
    private readonly string logPath;
    private readonly Queue<string> tail = new();
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process process;
    private Task life;
    private volatile bool isBeingKilled;

    private PipelineProcess(StartSettings settings, Process process, StreamWriter log, string logPath)
    {
        this.settings = settings;
        this.process = process;
        this.log = log;
        this.logPath = logPath;
        life = LiveAsync(process);
    }

    /// <summary>Completes when the process has ended, by itself or not, unless it is started again.</summary>
    public Task Ended => ended.Task;

    public string LogPath => logPath;

    public static PipelineProcess Start(StartSettings settings)
    {
        if (!File.Exists(settings.FunctionsDll))
        {
            throw new CliFailure(
                $"No pipeline is running, and there is none to start: {settings.FunctionsDll} is missing. "
                + "Run 'dotnet build', or give the address of a running pipeline with --url.");
        }

        var path = Path.Combine(settings.LogDirectory, "functions.log");
        var writer = new StreamWriter(OpenLog(path)) { AutoFlush = true };
        try
        {
            return new PipelineProcess(settings, Run(settings), writer, path);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Kills it and its children like <c>kill -9</c>, and starts it again with the same settings and data.</summary>
    /// <exception cref="CliFailure">It had ended before, or cannot be started again; then it has ended.</exception>
    public async Task KillAndStartAgainAsync()
    {
        isBeingKilled = true;
        try
        {
            if (Ended.IsCompleted)
                throw Failure();

            process.Kill(entireProcessTree: true);
            await life;
            lock (gate)
                log.WriteLine("--- killed by the demo, and started again ---");

            var again = Run(settings);
            process.Dispose();
            process = again;
        }
        catch
        {
            ended.TrySetResult();
            throw;
        }

        isBeingKilled = false;
        life = LiveAsync(process);
    }

    /// <summary>Waits until the pipeline answers that it is ready.</summary>
    public async Task WaitReadyAsync(PipelineClient client, TimeProvider clock, TimeSpan within, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (!await Readiness.IsReadyAsync(client, cancellationToken))
        {
            if (Ended.IsCompleted)
                throw Failure();
            if (clock.GetElapsedTime(start) >= within)
                throw new CliFailure(string.Create(CultureInfo.InvariantCulture,
                    $"The pipeline was started, but is not ready after {within.TotalSeconds:0} seconds. {Tail()}"));

            await Task.WhenAny(Ended, Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Gets the failure for a process that has ended unexpectedly, with its last output.</summary>
    public CliFailure Failure() => new(string.Create(CultureInfo.InvariantCulture,
        $"The pipeline has ended by itself (exit code {process.ExitCode}). {Tail()}"));

    /// <summary>Gets the last lines of output, to be shown above the failure.</summary>
    public IReadOnlyList<string> LastLines()
    {
        lock (gate)
            return [.. tail];
    }

    public async ValueTask DisposeAsync()
    {
        if (!Ended.IsCompleted)
        {
            RequestStop();
            await Task.WhenAny(Ended, Task.Delay(StopWithin));
            if (!Ended.IsCompleted)
                process.Kill(entireProcessTree: true);
        }

        await Ended;
        await log.DisposeAsync();
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);

    private void RequestStop()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Kill(process.Id, SigTerm);
            return;
        }

        // A console process has no window to close and shares Ctrl+C with this one; acknowledged data survives a kill.
        if (!process.CloseMainWindow())
            process.Kill(entireProcessTree: true);
    }

    private static Process Run(StartSettings settings)
    {
        var start = new ProcessStartInfo(settings.Host, [settings.FunctionsDll!, .. settings.Arguments])
        {
            WorkingDirectory = settings.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        try
        {
            var started = Process.Start(start) ?? throw new CliFailure("The pipeline could not be started.");
            started.StandardInput.Close();
            return started;
        }
        catch (Win32Exception failure)
        {
            throw new CliFailure(
                $"The pipeline could not be started: '{start.FileName}' did not run ({failure.Message}). Is .NET 10 on the PATH?", failure);
        }
    }

    private async Task LiveAsync(Process own)
    {
        var copying = Task.WhenAll(CopyAsync(own.StandardOutput), CopyAsync(own.StandardError));
        await own.WaitForExitAsync();
        await copying;
        if (!isBeingKilled)
            ended.TrySetResult();
    }

    private async Task CopyAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (gate)
            {
                log.WriteLine(VisibleText.Escape(line));
                tail.Enqueue(line);
                if (tail.Count > TailLines)
                    tail.Dequeue();
            }
        }
    }

    /// <summary>Readable by its owner only, like the data beside it.</summary>
    private static FileStream OpenLog(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private string Tail() => LastLines().Count == 0 ? $"It wrote nothing (log: {logPath})." : $"Its last lines are above, all of them in {logPath}.";
}
