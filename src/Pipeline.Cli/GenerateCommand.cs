using System.CommandLine;
using Pipeline.Cli.Applications;
using Pipeline.Generation;

namespace Pipeline.Cli;

/// <summary><c>pipeline generate</c>: writes what follows from the records and consumers of an application.</summary>
internal static class GenerateCommand
{
    public static Command Create(CommandContext context)
    {
        var check = new Option<bool>("--check")
        {
            Description = "Write nothing. Exit code 1, with their names, if files are not up to date.",
        };
        var project = new Option<string?>("--project")
        {
            Description = "The project with the consumers; the other folders of the application are beside it. Default: 'services' of the application in the current folder.",
            HelpName = "FOLDER",
        };
        const string Description = "Write what follows from records and consumers in code: triggers, topology, schemas, readers. "
            + "Builds the services. Needs no running pipeline.";
        var command = new Command("generate", Description)
        {
            check, project,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isCheck = parsed.GetValue(check);
            try
            {
                var workspace = parsed.GetValue(project) is { } given ? Workspace.Of(given) : Application.Required().Workspace;
                var run = new Generation.Generation(workspace, context.Terminal.Error.WriteLine);
                return Tell(context.Terminal, workspace, await run.RunAsync(isCheck, cancellationToken), isCheck);
            }
            catch (GenerationException wrong)
            {
                throw new CliFailure(wrong.Message, wrong);
            }
        });
        return command;
    }

    private static int Tell(Terminal terminal, Workspace workspace, GenerationResult result, bool isCheck)
    {
        foreach (var file in result.Files)
            terminal.Line($"{(isCheck ? "not up to date" : workspace.Read(file) is null ? "removed" : "written")}: {file}");
        foreach (var part in isCheck ? [] : result.Removed)
            terminal.Line($"removed: {part}");
        foreach (var note in result.Notes)
            terminal.Line(note);
        if (result.Files.Count == 0)
            terminal.Line("Every generated file is up to date.");
        else if (isCheck)
            terminal.Line($"Write them with: {Wording.Tool} generate");
        return isCheck && result.Files.Count > 0 ? ExitCode.Failed : ExitCode.Ok;
    }
}
