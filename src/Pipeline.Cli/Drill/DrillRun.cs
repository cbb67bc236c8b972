using System.Net;
using System.Net.Sockets;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Running;
using Pipeline.Client;

namespace Pipeline.Cli.Drill;

/// <summary>One drill: starts a pipeline of its own, breaks it, waits until an operator has found and fixed the cause.</summary>
/// <param name="drill">What goes wrong.</param>
/// <param name="start">How to start a pipeline.</param>
/// <param name="url">Where it is to listen, on this machine.</param>
/// <param name="mend">Whether to take the cause away at once, without being asked.</param>
/// <param name="terminal">Where output goes.</param>
/// <param name="clock">Times the waiting.</param>
internal sealed class DrillRun(Drill drill, StartSettings start, Uri url, bool mend, Terminal terminal, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly string directory = Path.Combine(start.Directory, ".pipeline", "drill");
    private readonly int cosmosPort = FreePort();

    public async Task<int> RunAsync(string runId, CancellationToken cancellationToken)
    {
        using var client = new PipelineClient(url);
        if (await Readiness.IsThereAsync(client, cancellationToken))
        {
            throw new CliFailure(
                $"Something answers at {url} already, and a drill breaks the pipeline that it works with, so it starts its own. "
                + "Stop that one, or give another port of this machine: --url http://localhost:7072");
        }

        // A drill begins with nothing, and leaves what other runs keep alone.
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
        var site = new DrillSite(client, new TransientRetry(clock, new Random(runId.GetHashCode(StringComparison.Ordinal))), clock, runId, cosmosPort);
        var process = await StartAsync(client, drill.Arguments, cancellationToken);
        try
        {
            terminal.Line("Breaking something ...");
            var complaint = await drill.BreakAsync(site, cancellationToken);
            Tell(complaint);
            if (drill.Repair is { } repair)
            {
                await WaitForRepairAsync(repair, process, cancellationToken);
                process = await RepairAsync(client, site, process, cancellationToken);
            }

            await WaitUntilSolvedAsync(site, process, cancellationToken);
            terminal.Line("Well done: everything works again.");
            await LookAroundAsync(process, cancellationToken);
            return ExitCode.Ok;
        }
        finally
        {
            terminal.Line("Stopping the pipeline ...");
            await process.DisposeAsync();
        }
    }

    private async Task<PipelineProcess> StartAsync(PipelineClient client, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var own = await FunctionsBuild.PreparedAsync(start, terminal, cancellationToken);
        own = own with
        {
            LogDirectory = directory,
            Arguments =
            [
                .. start.Arguments,
                string.Create(CultureInfo.InvariantCulture, $"--Local:HttpPort={url.Port}"),
                string.Create(CultureInfo.InvariantCulture, $"--Local:CosmosPort={cosmosPort}"),
                "--Local:ServiceBusPort=0", "--Local:EventGridPort=0", "--Local:Azurite=off", $"--Local:DataDirectory={directory}",
                .. arguments,
            ],
        };
        var process = PipelineProcess.Start(own);
        try
        {
            await terminal.WaitAsync("Starting a pipeline for the drill", async () =>
            {
                await process.WaitReadyAsync(client, clock, own.ReadyWithin, cancellationToken);
                return true;
            });
            return process;
        }
        catch
        {
            foreach (var line in process.LastLines())
                terminal.Error.WriteLine("  | " + line);
            await process.DisposeAsync();
            throw;
        }
    }

    private void Tell(string complaint)
    {
        terminal.Line();
        terminal.Line($"Report:         {complaint}");
        terminal.Line($"Your pipeline:  {url.GetLeftPart(UriPartial.Authority)}");
        terminal.Line($"Begin with:     {Wording.Tool} status   (in another terminal)");
        terminal.Line($"If you are stuck: docs/operations/operating.md, 'Drills', {drill.Name}. Ctrl+C gives up.");
        terminal.Line();
    }

    /// <summary>An operator cannot fix the cause here, so the drill does: after Enter, or at once.</summary>
    private async Task WaitForRepairAsync(string repair, PipelineProcess process, CancellationToken cancellationToken)
    {
        if (mend)
            return;
        if (terminal.Answers is not { } answers)
            throw new CliFailure("This drill asks when to fix the cause: run it in a terminal, or with --mend.");
        terminal.Line($"When you know the cause, press Enter. Then: {repair}");
        var answer = Task.Run(answers.ReadLine, CancellationToken.None);
        await Task.WhenAny(answer, process.Ended).WaitAsync(cancellationToken);
        if (!answer.IsCompleted)
            throw process.Failure();
    }

    /// <summary>The operator may still need the pipeline, so it stays until Enter.</summary>
    private async Task LookAroundAsync(PipelineProcess process, CancellationToken cancellationToken)
    {
        if (mend || terminal.Answers is not { } answers)
            return;
        terminal.Line("Press Enter to stop the pipeline.");
        var answer = Task.Run(answers.ReadLine, CancellationToken.None);
        await Task.WhenAny(answer, process.Ended, Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken));
    }

    private async Task<PipelineProcess> RepairAsync(PipelineClient client, DrillSite site, PipelineProcess process, CancellationToken cancellationToken)
    {
        await drill.RepairAsync(site, cancellationToken);
        if (drill.Arguments.Count == 0)
            return process;
        await process.DisposeAsync();
        return await StartAsync(client, [], cancellationToken);
    }

    private async Task WaitUntilSolvedAsync(DrillSite site, PipelineProcess process, CancellationToken cancellationToken)
    {
        terminal.Line("Waiting until everything works again ...");
        while (!await drill.IsSolvedAsync(site, cancellationToken))
        {
            await Task.WhenAny(process.Ended, Task.Delay(Look, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (process.Ended.IsCompleted)
                throw process.Failure();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
