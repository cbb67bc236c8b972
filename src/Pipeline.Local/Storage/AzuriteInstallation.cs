using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Storage;

/// <summary>
/// Azurite as npm installs it from the lockfile beside the app, once per user and lockfile. An installation has its name
/// only when it is whole, so that one that was killed is never taken for it.
/// </summary>
internal sealed class AzuriteInstallation
{
    private const string Advice =
        "Large payloads need Node.js 20 or newer with npm (https://nodejs.org); everything else runs without. " +
        "Install it and start again, or start a blob service of your own and set Local:Azurite to 'off'.";

    private static readonly TimeSpan _progressInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _abandonedAfter = TimeSpan.FromHours(2);
    private static readonly TimeSpan _lockPoll = TimeSpan.FromMilliseconds(250);

    private readonly string _sources;
    private readonly string _cache;
    private readonly string _searchPath;
    private readonly ILogger _log;

    /// <summary>Creates it; nothing is looked for yet.</summary>
    /// <param name="sources">Folder with package.json, package-lock.json and azurite.js.</param>
    /// <param name="cache">Folder under which to install.</param>
    /// <param name="searchPath">Folders to find node and npm in, as in PATH.</param>
    /// <param name="log">Tells of progress.</param>
    public AzuriteInstallation(string sources, string cache, string searchPath, ILogger log)
    {
        _sources = sources;
        _cache = cache;
        _searchPath = searchPath;
        _log = log;
    }

    /// <summary>The script that runs Azurite.</summary>
    public string Script => Path.Combine(_sources, "azurite.js");

    /// <summary>Whether it is there, so that starting it takes a second or two.</summary>
    public bool IsInstalled => File.Exists(LockFile) && File.Exists(MainOf(Folder));

    private string LockFile => Path.Combine(_sources, "package-lock.json");

    private string Folder =>
        Path.Combine(_cache, "azurite-" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(LockFile)).AsSpan(0, 6)));

    /// <summary>The one beside the app, installed in the user's cache.</summary>
    public static AzuriteInstallation OfApp(ILogger log) => new(
        Path.Combine(Path.GetDirectoryName(typeof(AzuriteInstallation).Assembly.Location)!, "azurite"), CacheDirectory(), Environment.GetEnvironmentVariable("PATH") ?? "", log);

    /// <summary>Node, and Azurite's entry point, installed if need be.</summary>
    /// <exception cref="BlobsUnavailableException">Node or npm is missing, or npm failed.</exception>
    public async Task<(string Node, string Main)> GetAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(LockFile))
            throw new BlobsUnavailableException($"{LockFile} is missing: src/Pipeline.Local/Storage belongs into the app's output. Build again.");
        var node = Find("node") ?? throw new BlobsUnavailableException($"node was not found on the PATH. {Advice}");
        var folder = Folder;
        if (File.Exists(MainOf(folder)))
            return (node, MainOf(folder));

        var npm = Find("npm") ?? throw new BlobsUnavailableException($"npm was not found on the PATH. {Advice}");
        try
        {
            Directory.CreateDirectory(_cache);
            await using var alone = await LockAsync(folder + ".lock", cancellationToken);
            if (!File.Exists(MainOf(folder)))
                await InstallAsync(npm, folder, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BlobsUnavailableException($"Azurite cannot be installed in {_cache}: {e.Message} Set XDG_CACHE_HOME to a folder that can be written.", e);
        }

        return (node, MainOf(folder));
    }

    private async Task InstallAsync(string npm, string folder, CancellationToken cancellationToken)
    {
        DeleteAbandoned(folder);
        var partial = string.Create(CultureInfo.InvariantCulture, $"{folder}.partial-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(partial);
        foreach (var file in (string[])["package.json", "package-lock.json"])
            File.Copy(Path.Combine(_sources, file), Path.Combine(partial, file));
        _log.LogInformation("Installing Azurite, the blob storage for large payloads, in {Folder}: once, about 190 MB.", folder);
        var started = Stopwatch.GetTimestamp();
        await RunNpmAsync(npm, partial, cancellationToken);
        if (!File.Exists(MainOf(partial)))
            throw new BlobsUnavailableException($"npm succeeded, but {MainOf(partial)} is missing. Delete {_cache} and start again.");
        Directory.Move(partial, folder);
        _log.LogInformation("Azurite is installed, after {Seconds:0} s.", Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task RunNpmAsync(string npm, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(npm, ["ci", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Start(start);
        process.StandardInput.Close();
        var output = new OutputTail();
        var reading = Task.WhenAll(output.ReadAsync(process.StandardOutput, null), output.ReadAsync(process.StandardError, null));
        try
        {
            var exit = process.WaitForExitAsync(cancellationToken);
            while (await Task.WhenAny(exit, Task.Delay(_progressInterval, cancellationToken)) != exit)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _log.LogInformation("Still installing Azurite.");
            }

            await exit;
            await reading;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new BlobsUnavailableException(
                string.Create(CultureInfo.InvariantCulture,
                    $"Azurite could not be installed: 'npm ci' ended with code {process.ExitCode}. It needs Node.js 20 or newer and a way to the npm registry. " +
                    $"Run it by hand in {_sources} to see more; everything that needs no blob still runs.\n{output}"));
        }
    }

    internal static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new BlobsUnavailableException($"{start.FileName} could not be started. {Advice}");
        }
        catch (Win32Exception e)
        {
            throw new BlobsUnavailableException($"{start.FileName} could not be started: {e.Message} {Advice}", e);
        }
    }

    private string? Find(string command)
    {
        string[] names = OperatingSystem.IsWindows() ? [command + ".exe", command + ".cmd"] : [command];
        return _searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(_ => names, Path.Combine)
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Whatever an installation left behind that was killed; its npm may have gone on for a while.</summary>
    private static void DeleteAbandoned(string folder)
    {
        foreach (var partial in Directory.EnumerateDirectories(Path.GetDirectoryName(folder)!, Path.GetFileName(folder) + ".partial-*"))
        {
#pragma warning disable RS0030 // Ages of files are told by the wall clock.
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(partial) > _abandonedAfter)
#pragma warning restore RS0030
                Directory.Delete(partial, recursive: true);
        }
    }

    /// <summary>One installation at a time. The lock goes with the process that holds it, however that ends.</summary>
    private async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (attempt == 0)
                    _log.LogInformation("Waiting for another process that installs Azurite.");
                await Task.Delay(_lockPoll, cancellationToken);
            }
        }
    }

    private static string MainOf(string folder) => Path.Combine(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js");

    private static string CacheDirectory()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set && Path.IsPathRooted(set) ? set
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : home.Length == 0 ? Path.GetTempPath()
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
            : Path.Combine(home, ".cache");
        return Path.Combine(cache, "pipeline-local");
    }
}
