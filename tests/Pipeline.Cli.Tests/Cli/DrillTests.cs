using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using Pipeline.Cli;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Drill;
using Pipeline.Cli.Running;

namespace Pipeline.Tests.Cli;

/// <summary>Each drill makes its failure, is solved as docs/operations/operating.md says, and says so.</summary>
public sealed class DrillTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pipeline-drill-").FullName;
    private readonly Uri _url = new(Invariant($"http://localhost:{FreePort()}"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public Task Poison_is_edited_and_replayed() => SolveAsync("poison", async () =>
    {
        var id = (await ItemAsync("dead-letters", "list")).GetProperty("id").GetString()!;
        var patch = Path.Combine(_directory, "patch.json");
        await File.WriteAllTextAsync(patch, """[{"op":"replace","path":"/deliveredAt","value":"2026-12-31T17:05:00Z"}]""");
        await RunAsync("dead-letters", "edit", id, "--patch", patch, "--why", "a German date", "--by", "me");
        await RunAsync("replay", id, "--wait");
    });

    [Fact]
    public Task An_unknown_type_is_discarded() => SolveAsync("unknown-type", async () =>
    {
        var blocked = await ItemAsync("blocked");
        Assert.Equal("ordering/payments", blocked.GetProperty("consumer").GetString());
        await RunAsync("dead-letters", "discard", blocked.GetProperty("entry").GetString()!, "--reason", "nobody knows it", "--by", "me", "--yes");
    });

    [Fact]
    public Task A_quarantined_commit_is_discarded() => SolveAsync("quarantine", async () =>
    {
        var quarantined = await ItemAsync("quarantine", "list");
        await RunAsync(
            "quarantine", "discard", quarantined.GetProperty("container").GetString()!, quarantined.GetProperty("partition").GetString()!,
            quarantined.GetProperty("number").GetRawText(), "--reason", "rolled back", "--by", "me", "--yes");
    });

    [Theory]
    [InlineData("broken-gateway")]
    [InlineData("dead-consumer")]
    [InlineData("throttling")]
    public Task What_others_mend_goes_on_by_itself(string drill) => SolveAsync(drill, solve: null);

    [Fact]
    public async Task A_drill_leaves_a_running_pipeline_alone()
    {
        await using var stub = await PipelineStub.StartAsync();
        var run = await CliRun.AgainstAsync(stub.Url, "drill", "poison");
        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("Something answers at", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drill_is_for_this_machine_only()
    {
        var run = await CliRun.OfAsync("drill", "poison", "--url", "https://pipeline.example/");
        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("cannot use the one at https://pipeline.example/", run.Error, StringComparison.Ordinal);
    }

    private async Task SolveAsync(string name, Func<Task>? solve)
    {
        var dll = typeof(DrillTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "FunctionsDll").Value!;
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var solved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var terminal = Terminal.Plain(TextWriter.Synchronized(new Told(output, told)), error, new Enter(solved.Task));
        var drill = Drill.All.Select(create => create()).Single(d => d.Name == name);
        var running = new DrillRun(
            drill, new StartSettings(dll, _directory) { ReadyWithin = TimeSpan.FromMinutes(2) }, _url, mend: solve is null, terminal, TimeProvider.System).RunAsync("t1", timeout.Token);
        await Task.WhenAny(told.Task, running);
        if (solve is not null && !running.IsCompleted)
        {
            // Commands still run when everything is well: the pipeline stays until somebody presses Enter.
            try
            {
                await solve();
                solved.SetResult();
            }
            catch
            {
                await timeout.CancelAsync();
                await Task.WhenAny(running);
                throw;
            }
        }

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Contains("Report:", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Well done", output.ToString(), StringComparison.Ordinal);
    }

    private async Task RunAsync(params string[] args)
    {
        var run = await CliRun.OfAsync([.. args, "--url", _url.ToString()]);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Output + run.Error);
    }

    private async Task<JsonElement> ItemAsync(params string[] args)
    {
        var run = await CliRun.OfAsync([.. args, "--json", "--url", _url.ToString()]);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Output + run.Error);
        return Assert.Single(JsonDocument.Parse(run.Output).RootElement.GetProperty("items").EnumerateArray().ToList());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Somebody who presses Enter when they are done.</summary>
    private sealed class Enter(Task done) : TextReader
    {
        public override string? ReadLine()
        {
            done.Wait();
            return "";
        }
    }

    /// <summary>Tells when the drill waits for somebody.</summary>
    private sealed class Told(TextWriter inner, TaskCompletionSource waits) : TextWriter(CultureInfo.InvariantCulture)
    {
        public override System.Text.Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            inner.Write(value);
            if (value?.Contains("Waiting until", StringComparison.Ordinal) == true)
                waits.TrySetResult();
        }
    }
}
