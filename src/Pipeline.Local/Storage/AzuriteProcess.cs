using System.Diagnostics;

namespace Pipeline.Local.Storage;

/// <summary>A running Azurite. It ends with this process, however that ends, because its standard input does.</summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private const string ListensOn = "successfully listens on ";

    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan _closePatience = TimeSpan.FromSeconds(12);

    private readonly Process _process;

    private AzuriteProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it really listens.</summary>
    public Uri Address { get; }

    public bool HasEnded => _process.HasExited;

    internal int Id => _process.Id;

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="script">The script that ties Azurite to our life.</param>
    /// <param name="node">Node.</param>
    /// <param name="main">Azurite's entry point.</param>
    /// <param name="location">Where blobs are kept; <see langword="null"/> keeps them in memory.</param>
    /// <param name="port">The port on 127.0.0.1; 0 = a free one.</param>
    /// <param name="cancellationToken">Ends the attempt, and the process.</param>
    /// <exception cref="BlobsUnavailableException">It did not start.</exception>
    public static async Task<AzuriteProcess> StartAsync(
        string script, string node, string main, string? location, int port, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(node)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] persistence = location is null ? ["--inMemoryPersistence"] : ["--location", location];
        foreach (var argument in (string[])
            [
                script, main, location ?? "-", "--blobHost", "127.0.0.1", "--blobPort", port.ToString(CultureInfo.InvariantCulture), .. persistence,
                "--silent", "--disableTelemetry",
            ])
        {
            start.ArgumentList.Add(argument);
        }

        var process = AzuriteInstallation.Start(start);
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new OutputTail();
        var reading = Task.WhenAll(
            output.ReadAsync(process.StandardOutput, line =>
            {
                if (line.IndexOf(ListensOn, StringComparison.Ordinal) is > 0 and var at)
                    listening.TrySetResult(new Uri(line[(at + ListensOn.Length)..]));
            }),
            output.ReadAsync(process.StandardError, null));
        try
        {
            await Task.WhenAny(listening.Task, process.WaitForExitAsync(cancellationToken)).WaitAsync(_startPatience, cancellationToken);
            if (listening.Task.IsCompleted)
                return new AzuriteProcess(process, await listening.Task);
            await reading;
            throw new BlobsUnavailableException(
                string.Create(CultureInfo.InvariantCulture,
                    $"Azurite ended with code {process.ExitCode} before it listened. If its port is in use, set Local:BlobPort to another one, or to 0.\n{output}"));
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or BlobsUnavailableException)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            if (e is TimeoutException)
                throw new BlobsUnavailableException(string.Create(CultureInfo.InvariantCulture,
                    $"Azurite did not listen within {_startPatience.TotalSeconds:0} s.\n{output}"), e);
            throw;
        }
    }

    /// <summary>Whether an Azurite of ours still runs on that data; its script notes its process id there.</summary>
    public static bool RunsOn(string location)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(location, "azurite.pid")), CultureInfo.InvariantCulture));
            return process.ProcessName.Contains("node", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            return false; // No note, or nobody has that id any more.
        }
    }

    /// <summary>Lets go of it without waiting: it closes by itself.</summary>
    public void Release()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_closePatience);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
