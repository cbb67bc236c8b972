using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Pipeline.Cli.Adding;
using Pipeline.Cli.Applications;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Drill;
using Pipeline.Cli.Watch;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>The commands of the tool, and the one place that turns failures into a line and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Where a pipeline on this machine listens.</summary>
    public static readonly Uri DefaultUrl = new("http://localhost:7071");

    /// <param name="args">The arguments, without the tool's name.</param>
    /// <param name="terminal">Where output goes.</param>
    /// <param name="clock">Time of pauses and durations.</param>
    /// <param name="cancellationToken">Ends the command, as Ctrl+C does.</param>
    /// <param name="environmentKey">The function key that the environment names, if it does.</param>
    public static async Task<int> RunAsync(
        string[] args, Terminal terminal, TimeProvider clock, CancellationToken cancellationToken, string? environmentKey = null)
    {
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // Signals are handled in Program, where the cancellation token comes from.
            ProcessTerminationTimeout = null,
        };
        try
        {
            var parsed = Build(terminal, clock, environmentKey).Parse(args.Length == 0 ? ["--help"] : args);
            if (parsed.Action is ParseErrorAction)
                return BadUsage(parsed, terminal);
            if (IsOffline(parsed))
                HideAddress(parsed.RootCommandResult.Command);

            Wording.NameUrl(UrlIn(parsed));
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (CliFailure failure)
        {
            return Fail(terminal, failure.Message);
        }
        catch (PipelineClientException failure)
        {
            return Fail(terminal, ClientFailure.TextOf(failure));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fail(terminal, failure.Message);
        }
        catch (Exception failure)
        {
            return Fail(
                terminal,
                $"This is a bug of the tool: {failure.GetType().Name}: {failure.Message} Please report it with the command that you ran.");
        }
    }

    /// <summary>A plain command as the root: a RootCommand would have the name of its DLL.</summary>
    private static Command Build(Terminal terminal, TimeProvider clock, string? environmentKey)
    {
        var url = new Option<Uri>("--url")
        {
            Description = "The address of the pipeline.",
            HelpName = "URL",
            Recursive = true,
            DefaultValueFactory = _ => DefaultUrl,
            CustomParser = result =>
            {
                var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
                if (Uri.TryCreate(text, UriKind.Absolute, out var given) && given.Scheme is "http" or "https")
                    return given;

                result.AddError($"'{text}' is not an address such as {DefaultUrl}.");
                return null;
            },
        };
        var key = new FunctionKeyOption(environmentKey);
        var context = new CommandContext(terminal, clock, url, key);
        var application = Application.Current();
        return new Command("pipeline", "Shows, watches and repairs a running pipeline. " + ExitCode.Help)
        {
            url,
            key.Option,
            new HelpOption(),
            new VersionOption(),
            StartCommand.Create(),
            DemoCommand.Create(context, application),
            StatusCommand.Create(context),
            BlockedCommand.Create(context),
            WatchCommand.Create(context),
            OfSample("orders", application, _ => OrdersCommand.Create(context)),
            FlowCommand.Create(context),
            DeadLettersCommand.Create(context),
            ReplayCommand.Create(context),
            QuarantineCommand.Create(context),
            ContractsCommand.Create(context),
            AddCommand.Create(context),
            GenerateCommand.Create(context),
            LocalCommand.Create(context),
            OfSample("drill", application, sample => DrillCommand.Create(context, sample)),
        };
    }

    /// <summary>Whether the command works on files alone, without a running pipeline.</summary>
    private static bool IsOffline(ParseResult parsed) => NamesOf(parsed).FirstOrDefault() is "start" or "contracts" or "add" or "generate";

    /// <summary>Leaves the options that say where the pipeline is out of the help.</summary>
    private static void HideAddress(Command root)
    {
        foreach (var option in root.Options.Where(o => o.Name is "--url" or "--key"))
            option.Hidden = true;
    }

    /// <summary>The names of the command and those above it, without the tool's.</summary>
    private static List<string> NamesOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
        {
            if (command.Parent is not null)
                names.Insert(0, command.Command.Name);
        }

        return names;
    }

    /// <summary>A command for the sample alone: elsewhere it is hidden, and says so.</summary>
    private static Command OfSample(string name, Application? application, Func<Application, Command> create)
    {
        if (application is { IsSample: true })
            return create(application);
        var command = new Command(name, "Of the sample application.") { Hidden = true, TreatUnmatchedTokensAsErrors = false };
        command.SetAction((Func<ParseResult, int>)(_ => throw new CliFailure(
            $"'{name}' is for the sample application, whose {DemoFile.Name} asks for the demo with orders. Run it in the folder of the sample.")));
        return command;
    }

    /// <summary>Gets the address if hints have to name it: it is given and differs from the default.</summary>
    private static Uri? UrlIn(ParseResult parsed) =>
        parsed.GetResult("--url") is OptionResult { Implicit: false } given && given.GetValueOrDefault<Uri>() is { } url && url != DefaultUrl ? url : null;

    private static int BadUsage(ParseResult parsed, Terminal terminal)
    {
        var said = string.Join(" ", parsed.Errors.Select(error => Wording.WithoutTypeNames(error.Message)).Distinct(StringComparer.Ordinal));
        terminal.Complain($"{said}{HintOf(parsed)} See '{string.Join(' ', [Wording.Tool, .. NamesOf(parsed), "--help"])}'.");
        return ExitCode.BadUsage;
    }

    /// <summary>The command or option that the first unknown word may stand for.</summary>
    private static string HintOf(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var unknown, ..])
            return "";
        var command = parsed.CommandResult.Command;
        return Nearest.Hint(unknown, unknown.StartsWith('-')
            ? command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(o => o.Recursive)).Where(o => !o.Hidden).Select(o => o.Name)
            : command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name));
    }

    private static int Fail(Terminal terminal, string message)
    {
        terminal.Complain(message);
        return ExitCode.Failed;
    }
}
