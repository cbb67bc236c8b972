using System.CommandLine;
using Pipeline.Local;
using Pipeline.Local.Hosting;

namespace Pipeline.Cli;

/// <summary><c>pipeline start</c>: runs a Functions app on this machine, with the services that it needs.</summary>
internal static class StartCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("FOLDER")
        {
            Description = "The app's project folder, or the folder of its built assembly; default: the current folder. "
                + "Settings of the host or the app follow, such as --Local:HttpPort=7072.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("start", "Run a built Functions app of the .NET isolated worker in a process of its own, with an embedded Service Bus, Cosmos DB and Event Grid.")
        {
            words,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (folder, settings) = Split([.. parsed.GetValue(words) ?? [], .. parsed.UnmatchedTokens]);
            try
            {
                await AppHost.RunAsync(folder, settings, cancellationToken);
                return ExitCode.Ok;
            }
            catch (StartupException failure)
            {
                throw new CliFailure(failure.Message, failure);
            }
        });
        return command;
    }

    /// <summary>The folder, and the settings, as <c>--Name=value</c> each.</summary>
    /// <exception cref="CliFailure">There are two folders, or a setting without a value.</exception>
    internal static (string Folder, string[] Settings) Split(IReadOnlyList<string> words)
    {
        string? folder = null;
        var settings = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
            {
                if (folder is not null)
                    throw new CliFailure($"'{folder}' and '{words[i]}' are two folders: only one app is run at a time.");
                folder = words[i];
            }
            else if (words[i].Contains('=', StringComparison.Ordinal))
            {
                settings.Add(words[i]);
            }
            else
            {
                if (i + 1 == words.Count)
                    throw new CliFailure($"'{words[i]}' has no value. Write a setting as --Name=value, such as --Local:HttpPort=7072.");
                settings.Add($"{words[i]}={words[++i]}");
            }
        }

        return (folder ?? ".", [.. settings]);
    }
}
