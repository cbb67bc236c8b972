using System.Diagnostics;
using System.Reflection;

namespace Pipeline.Tests.Cli;

/// <summary>The script <c>pipeline</c> beside the solution, in a folder of its own, with a <c>dotnet</c> that only notes how it was called.</summary>
public sealed class ScriptTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        if [ "$1" = msbuild ]; then
          echo build >>"$CALLS"
          [ -z "${FAULT:-}" ] || exit 1
          mkdir -p "$CLONE/src/Pipeline.Cli/bin/Debug/net10.0" "$CLONE/src/Pipeline.Cli/obj"
          : >"$CLONE/src/Pipeline.Cli/bin/Debug/net10.0/Pipeline.Cli.dll"
          exit 0
        fi
        echo "run $$" >>"$CALLS"
        shift
        for argument; do echo "[$argument]"; done
        exit 7
        """;

    private static readonly string[] Sources = ["src/Pipeline.Cli/Program.cs", "src/Pipeline/Consumers/Consumer.cs", "contracts/schemas/a.json", "services/Gone.cs", "functions/host.cs", "topology.json", "Directory.Build.props"];

    private readonly string clone = Directory.CreateTempSubdirectory("a clone ").FullName;

    public ScriptTests()
    {
        if (OperatingSystem.IsWindows())
            return;
        var root = typeof(ScriptTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Root").Value!;
        foreach (var source in Sources)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(source))!);
            File.WriteAllText(At(source), "");
        }

        Directory.CreateDirectory(At("fake"));
        File.WriteAllText(At("fake/dotnet"), Dotnet);
        File.SetUnixFileMode(At("fake/dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Copy(Path.Combine(root, "pipeline"), At("pipeline"));
    }

    public void Dispose() => Directory.Delete(clone, recursive: true);

    [ShellFact]
    public void The_first_call_builds_and_runs_with_arguments_and_exit_code_as_they_are()
    {
        var run = Run("", "dead-letters", "a b", "*", "", "--", "$HOME");
        Assert.Equal(7, run.ExitCode);
        Assert.Equal("[dead-letters]\n[a b]\n[*]\n[]\n[--]\n[$HOME]\n", run.Output);
        Assert.StartsWith("Building the tool", run.Error, StringComparison.Ordinal);
        Assert.Equal(["build", $"run {Invariant($"{run.ProcessId}")}"], Calls()); // The same process: signals reach the tool.
    }

    [ShellFact]
    public void What_is_built_is_run_without_a_word()
    {
        Run("");
        BuiltLongAgo();
        File.WriteAllText(At("src/Pipeline.Cli/obj/cache.json"), "");
        File.WriteAllText(At("src/Pipeline.Cli/bin/Debug/net10.0/copy.json"), "");
        File.WriteAllText(At("README.md"), "");
        var run = Run("");
        Assert.Equal((7, ""), (run.ExitCode, run.Error));
        Assert.Equal(1, Calls().Count(call => call == "build"));
    }

    [ShellTheory]
    [InlineData("src/Pipeline.Cli/Program.cs")]
    [InlineData("src/Pipeline/Consumers/Consumer.cs")]
    [InlineData("contracts/schemas/a.json")]
    [InlineData("functions/new.cs")]
    [InlineData("topology.json")]
    [InlineData("Directory.Build.props")]
    public void A_newer_source_is_built(string source)
    {
        Run("");
        BuiltLongAgo();
        File.WriteAllText(At(source), "new");
        Assert.StartsWith("Building what has changed", Run("").Error, StringComparison.Ordinal);
        Assert.Equal("", Run("").Error);
    }

    [ShellFact]
    public void What_a_deleted_source_was_in_is_built()
    {
        Run("");
        BuiltLongAgo();
        File.Delete(At("services/Gone.cs"));
        Assert.StartsWith("Building what has changed", Run("").Error, StringComparison.Ordinal);
    }

    [ShellFact]
    public void A_build_that_fails_ends_it_and_is_tried_again()
    {
        Assert.Equal((1, ""), (Run("fault").ExitCode, Run("fault").Output));
        Assert.Equal(7, Run("").ExitCode);
        Assert.Equal(["build", "build", "build"], Calls().Where(call => call == "build"));
        Assert.Single(Calls(), call => call.StartsWith("run ", StringComparison.Ordinal));
    }

    [ShellFact]
    public void A_build_that_was_killed_does_not_block_the_next_one()
    {
        using var killed = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exit 0"]))!;
        killed.WaitForExit();
        Directory.CreateDirectory(At("src/Pipeline.Cli/obj"));
        File.WriteAllText(At("src/Pipeline.Cli/obj/pipeline.lock"), Invariant($"{killed.Id}\n"));
        Assert.Equal(7, Run("").ExitCode);
        Assert.False(File.Exists(At("src/Pipeline.Cli/obj/pipeline.lock")));
    }

    private string At(string path) => Path.Combine(clone, path);

    private List<string> Calls() => [.. File.ReadAllLines(At("calls"))];

    private void BuiltLongAgo()
    {
        var now = new DateTime(2020, 1, 1, 12, 0, 0, DateTimeKind.Utc); // What is written from here on is newer.
        foreach (var entry in new DirectoryInfo(clone).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
            entry.LastWriteTimeUtc = now.AddHours(-2);
        foreach (var stamp in new[] { "began", "ended" })
            File.SetLastWriteTimeUtc(At($"src/Pipeline.Cli/obj/pipeline.{stamp}"), now.AddHours(-1));
    }

    private (int ExitCode, string Output, string Error, int ProcessId) Run(string fault, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", [At("pipeline"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["PATH"] = $"{At("fake")}:{start.Environment["PATH"]}";
        start.Environment["CALLS"] = At("calls");
        start.Environment["CLONE"] = clone;
        start.Environment["FAULT"] = fault;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult(), process.Id);
    }

    private sealed class ShellFactAttribute : FactAttribute
    {
        public ShellFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has pipeline.cmd." : null;
    }

    private sealed class ShellTheoryAttribute : TheoryAttribute
    {
        public ShellTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has pipeline.cmd." : null;
    }
}
