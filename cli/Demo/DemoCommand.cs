using System.CommandLine;

namespace Pipeline.Cli.Demo;

/// <summary><c>pipeline demo</c>: places orders, watches them through, and checks from raw data that all went well.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandContext context)
    {
        var orders = CommonOptions.Number("--orders", "How many orders to place.", from: 1, to: 1_000_000, otherwise: 100);
        var exit = new Option<bool>("--exit")
        {
            Description = "Stop when done. Exit code 0 only if every order is final and nothing was lost, done twice or out of order.",
        };
        var report = new Option<FileInfo?>("--report") { Description = "Write the figures to this file, as JSON.", HelpName = "FILE" };
        var command = new Command("demo", "Start the pipeline if none is running, send orders through it, and check the outcome.")
        {
            orders, exit, report,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var isUrlGiven = parsed.GetResult(context.Url) is { Implicit: false };
            var settings = new DemoSettings
            {
                Url = parsed.GetRequiredValue(context.Url),
                Key = context.Key.Of(parsed),
                Orders = parsed.GetValue(orders),
                Exit = parsed.GetValue(exit),
                Report = parsed.GetValue(report),
                RunId = NewRunId(),
                Start = isUrlGiven ? null : OwnClone(),
            };
            return new DemoRun(settings, context.Terminal, context.Clock).RunAsync(cancellationToken);
        });
        return command;
    }

    // The command is the composition root of a run: here its name is made, so that two runs never share idempotency keys.
#pragma warning disable RS0030
    private static string NewRunId() => Guid.NewGuid().ToString("N")[..12];
#pragma warning restore RS0030

    /// <summary>The functions app of the clone that this tool was built from.</summary>
    private static StartSettings OwnClone() => new(Wording.BuiltFrom("FunctionsDll"), Wording.BuiltFrom("RepositoryRoot"));
}
