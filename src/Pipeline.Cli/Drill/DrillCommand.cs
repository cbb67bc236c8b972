using System.CommandLine;
using Pipeline.Cli.Applications;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Running;

namespace Pipeline.Cli.Drill;

/// <summary><c>pipeline drill</c>: creates a failure to practise with, on this machine only.</summary>
internal static class DrillCommand
{
    public static Command Create(CommandContext context, Application sample)
    {
        var command = new Command("drill", "Practise: start a pipeline on this machine, break it in one way, and fix it. docs/operations/operating.md has the solutions.");
        foreach (var create in Drill.All)
            command.Add(Create(context, sample, create));
        return command;
    }

    private static Command Create(CommandContext context, Application sample, Func<Drill> create)
    {
        var drill = create();
        var command = new Command(drill.Name, drill.Description);
        var mend = new Option<bool>("--mend") { Description = "Fix the cause at once, without asking, for scripts." };
        if (drill.Repair is not null)
            command.Add(mend);
        command.SetAction((parsed, cancellationToken) =>
        {
            var url = parsed.GetRequiredValue(context.Url);
            if (!StartSettings.CanStartAt(url))
            {
                throw new CliFailure(
                    $"A drill breaks a pipeline, so it starts one of its own and cannot use the one at {url}. "
                    + "Leave out --url, or give a port of this machine where nothing runs yet: --url http://localhost:7072");
            }

            return new DrillRun(create(), StartSettings.Of(sample), url, parsed.GetValue(mend), context.Terminal, context.Clock)
                .RunAsync(DemoCommand.NewRunId()[..6], cancellationToken);
        });
        return command;
    }
}
