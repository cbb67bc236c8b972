using System.CommandLine;

namespace Pipeline.Cli;

/// <summary>Options of commands that discard something, and the question before they do.</summary>
internal sealed class Confirmation
{
    public Option<string> Reason { get; } = new("--reason") { Description = "The reason; it is stored.", HelpName = "TEXT", Required = true };

    public Option<string?> By { get; } = new("--by") { Description = "The actor; it is stored. Default: the name of the current user.", HelpName = "NAME" };

    public Option<bool> Yes { get; } = new("--yes") { Description = "Do not ask for confirmation." };

    public void AddTo(Command command)
    {
        command.Add(Reason);
        command.Add(By);
        command.Add(Yes);
    }

    public string Who(ParseResult parsed) =>
        parsed.GetValue(By) is { Length: > 0 } given ? given
        : Environment.UserName is { Length: > 0 } user ? user
        : throw new CliFailure("The name of the current user is unknown: give one with --by NAME.");

    /// <summary>Asks, or takes <c>--yes</c> for an answer. False if the answer is no.</summary>
    /// <exception cref="CliFailure">There is no terminal to ask.</exception>
    public bool Ask(ParseResult parsed, Terminal terminal, string question)
    {
        if (parsed.GetValue(Yes))
            return true;
        if (terminal.Answers is not { } answers)
            throw new CliFailure($"{question} There is no terminal to confirm it: to do it, run it again with --yes.");
        terminal.Out.Write($"{Terminal.OneLine(question)} [y/N] ");
        var answer = answers.ReadLine()?.Trim();
        if (answer is "y" or "Y" or "yes")
            return true;
        terminal.Line("Nothing was changed.");
        return false;
    }
}
