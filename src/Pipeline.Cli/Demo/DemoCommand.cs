using System.CommandLine;
using Pipeline.Cli.Applications;
using Pipeline.Cli.RequestDemo;
using Pipeline.Cli.Running;

namespace Pipeline.Cli.Demo;

/// <summary><c>pipeline demo</c>: sends requests to an application, follows them to the end, and tells what came of them.</summary>
internal static class DemoCommand
{
    /// <param name="context">The dependencies of commands.</param>
    /// <param name="application">The application of the current folder; <see langword="null"/> if there is none.</param>
    public static Command Create(CommandContext context, Application? application) =>
        application is { IsSample: true } ? OfOrders(context, application) : OfRequests(context, application);

    private static Command OfOrders(CommandContext context, Application application)
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

            var start = StartOf(StartSettings.Of(application), url, isUrlGiven);
            var settings = new DemoSettings
            {
                Url = url,
                Chaos = isChaos,
                Key = context.Key.Of(parsed),
                Orders = parsed.GetValue(orders),
                Exit = parsed.GetValue(exit),
                Report = parsed.GetValue(report),
                RunId = NewRunId(),
                Start = isChaos ? Chaos.Start(StartSettings.Of(application), url) : start,
            };
            if (isChaos)
                settings = settings with { BlockedFor = Chaos.BlockedFor };

            return new DemoRun(settings, context.Terminal, context.Clock).RunAsync(cancellationToken);
        });
        return command;
    }

    private static Command OfRequests(CommandContext context, Application? application)
    {
        var exit = new Option<bool>("--exit")
        {
            Description = "Stop when done. Exit code 0 only if all that the requests caused was handled.",
        };
        var command = new Command("demo", $"Start the application if it is not running (at --url too, if that is a port of this machine), send it the requests of {DemoFile.Name}, and follow all that they cause.")
        {
            exit,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var found = application ?? Application.Required();
            var requests = DemoFile.RequestsOf(found.Workspace.Root);
            var url = parsed.GetRequiredValue(context.Url);
            var session = new SessionSettings
            {
                Url = url,
                Key = context.Key.Of(parsed),
                Exit = parsed.GetValue(exit),
                Start = StartOf(StartSettings.Of(found), url, parsed.GetResult(context.Url) is { Implicit: false }),
            };
            var run = new RequestRun(requests, NewRunId(), showsNext: !session.Exit || session.Start is null, context.Terminal, context.Clock);
            return new PipelineSession(session, context.Terminal, context.Clock)
                .RunAsync((client, _, token) => run.RunAsync(client, token), cancellationToken);
        });
        return command;
    }

    // The command is the composition root of a run: here its name is made, so that two runs never share idempotency keys.
#pragma warning disable RS0030
    internal static string NewRunId() => Guid.NewGuid().ToString("N")[..12];
#pragma warning restore RS0030

    /// <summary>How to start a pipeline if none answers; <see langword="null"/> where none can be started.</summary>
    internal static StartSettings? StartOf(StartSettings start, Uri url, bool isUrlGiven) =>
        !isUrlGiven ? start
        : StartSettings.CanStartAt(url) ? start.At(url.Port)
        : null;

    private static string? WhyNotHere(Uri url) =>
        StartSettings.CanStartAt(url)
            ? null
            : $"--chaos kills the pipeline that it works with, so it starts its own and cannot use the one at {url}. "
                + "Leave out --url, or give a port of this machine where nothing runs yet: --url http://localhost:7072";
}
