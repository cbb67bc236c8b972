using System.CommandLine;

namespace Pipeline.Cli.Demo;

/// <summary><c>pipeline demo</c>: places orders, follows them to the end, and checks the raw data.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandContext context)
    {
        var orders = CommonOptions.Number("--orders", "How many orders to place.", from: 1, to: 1_000_000, otherwise: 100);
        var exit = new Option<bool>("--exit")
        {
            Description = "Stop when done. Exit code 0 only if every order is final and no message was lost, applied twice or out of order.",
        };
        var report = new Option<FileInfo?>("--report") { Description = "Write the figures to this file as JSON.", HelpName = "FILE" };
        var chaos = new Option<bool>("--chaos")
        {
            Description = "Inject faults: every tenth message is delivered twice, the pipeline is killed with kill -9 and restarted while orders are placed, "
                + "and the carrier fails for one article until its blocked orders have been shown and replayed. "
                + "Always starts a pipeline of its own, at the unused port of --url on this machine.",
        };
        var command = new Command("demo", "Start the pipeline if none is running (at --url too, if that is a port of this machine), send orders through it, and check the outcome.")
        {
            orders, exit, report, chaos,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var isUrlGiven = parsed.GetResult(context.Url) is { Implicit: false };
            var url = parsed.GetRequiredValue(context.Url);
            var isChaos = parsed.GetValue(chaos);
            if (isChaos && WhyNotHere(url) is { } reason)
                throw new CliFailure(reason);

            var settings = new DemoSettings
            {
                Url = url,
                Chaos = isChaos,
                Key = context.Key.Of(parsed),
                Orders = parsed.GetValue(orders),
                Exit = parsed.GetValue(exit),
                Report = parsed.GetValue(report),
                RunId = NewRunId(),
                Start = StartOf(url, isUrlGiven, isChaos),
            };
            if (isChaos)
                settings = settings with { BlockedFor = Chaos.BlockedFor };

            return new DemoRun(settings, context.Terminal, context.Clock).RunAsync(cancellationToken);
        });
        return command;
    }

    // The command is the composition root of a run: here its name is made, so that two runs never share idempotency keys.
#pragma warning disable RS0030
    internal static string NewRunId() => Guid.NewGuid().ToString("N")[..12];
#pragma warning restore RS0030

    /// <summary>How to start a pipeline if none answers; <see langword="null"/> where none can be started.</summary>
    internal static StartSettings? StartOf(Uri url, bool isUrlGiven, bool isChaos) =>
        isChaos ? Chaos.Start(OwnClone(), url)
        : !isUrlGiven ? OwnClone()
        : CanStartAt(url) ? OwnClone().At(url.Port)
        : null;

    /// <summary>The local host listens on 127.0.0.1, and serves no path but its own.</summary>
    internal static bool CanStartAt(Uri url) =>
        url is { IsLoopback: true, Scheme: "http", AbsolutePath: "/", HostNameType: not UriHostNameType.IPv6 };

    private static string? WhyNotHere(Uri url) =>
        CanStartAt(url)
            ? null
            : $"--chaos kills the pipeline that it works with, so it starts its own and cannot use the one at {url}. "
                + "Leave out --url, or give a port of this machine where nothing runs yet: --url http://localhost:7072";

    /// <summary>The functions app of the clone that this tool was built from.</summary>
    internal static StartSettings OwnClone() => new(Wording.BuiltFrom("FunctionsDll"), Wording.BuiltFrom("RepositoryRoot"));
}
