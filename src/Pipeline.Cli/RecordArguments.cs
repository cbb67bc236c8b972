using System.CommandLine;
using System.CommandLine.Parsing;

namespace Pipeline.Cli;

/// <summary>The three arguments that identify an outbox message.</summary>
internal sealed class RecordArguments(ArgumentArity arity)
{
    private readonly Argument<string?> container = new("CONTAINER") { Description = "The container of the outbox message.", Arity = arity };
    private readonly Argument<string?> partition = new("PARTITION") { Description = "Its partition.", Arity = arity };
    private readonly Argument<long?> number = new("NUMBER") { Description = "Its number, as the list shows it.", Arity = arity };

    public void AddTo(Command command)
    {
        command.Add(container);
        command.Add(partition);
        command.Add(number);
    }

    public bool IsGiven(CommandResult result) => result.GetResult(container) is { Tokens.Count: > 0 };

    public bool IsWhole(CommandResult result) => result.GetResult(number) is { Tokens.Count: > 0 };

    public string Text(ParseResult parsed) =>
        string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(container)}/{parsed.GetValue(partition)} no. {parsed.GetValue(number)}");

    public string Container(ParseResult parsed) => parsed.GetValue(container)!;

    public string Partition(ParseResult parsed) => parsed.GetValue(partition)!;

    public long Number(ParseResult parsed) => parsed.GetValue(number)!.Value;
}
