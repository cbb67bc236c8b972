using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Pipeline.Tests.Interop;

/// <summary>Runs Node scripts of a folder of these tests, with the npm packages of its package-lock.json, installed on first need.</summary>
internal static class NodePackage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Installed = new(StringComparer.Ordinal);

    /// <summary>Runs a script to its end and returns what it printed.</summary>
    public static async Task<string> RunAsync(string script, IReadOnlyList<string> arguments, string input = "", string folder = "Interop")
    {
        var directory = await DirectoryOfAsync(folder);
        return await ExecuteAsync("node", [Path.Combine(directory, script), .. arguments], directory, input);
    }

    /// <summary>A folder's scripts, beside their packages.</summary>
    public static Task<string> DirectoryOfAsync(string folder) => Installed.GetOrAdd(folder, name => new Lazy<Task<string>>(() => InstallAsync(name))).Value;

    /// <summary>Starts a script that goes on running. Whoever gets it ends it.</summary>
    public static Process Start(string path, IReadOnlyDictionary<string, string> environment)
    {
        var start = StartInfo("node", [path], Path.GetDirectoryName(path)!);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Launch(start);
    }

    /// <summary>Beside the tests' own output, so that it stays until the next clean build.</summary>
    private static async Task<string> InstallAsync(string folder)
    {
        var directory = Path.Combine(AppContext.BaseDirectory, folder);
        var done = Path.Combine(directory, "node_modules", ".installed");
        var wanted = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(directory, "package-lock.json"))));
        if (File.Exists(done) && await File.ReadAllTextAsync(done) == wanted)
            return directory;
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        await ExecuteAsync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], directory, "");
        await File.WriteAllTextAsync(done, wanted);
        return directory;
    }

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    public static async Task<string> ExecuteAsync(string program, IReadOnlyList<string> arguments, string directory, string input)
    {
        using var process = Launch(StartInfo(program, arguments, directory));
        var output = process.StandardOutput.ReadToEndAsync();
        var complaints = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException error)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{program} {string.Join(' ', arguments)}' did not end within {Patience}.", error);
        }

        Assert.True(process.ExitCode == 0, Invariant($"'{program} {string.Join(' ', arguments)}' in {directory} ended with {process.ExitCode}:\n{await complaints}\n{await output}"));
        return await output;
    }

    private static ProcessStartInfo StartInfo(string program, IReadOnlyList<string> arguments, string directory) => new(program, arguments)
    {
        WorkingDirectory = directory,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };

    private static Process Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException(
                $"'{start.FileName}' cannot be run ({error.Message}). These tests need Node 20 or newer with npm on the PATH.", error);
        }
    }
}
