using System.CommandLine;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline flow ID</c>: everything that one command caused, as a timeline.</summary>
internal static class FlowCommand
{
    public static Command Create(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The correlation id, as an order shows it; of an order it is the order's id unless the caller gave another." };
        var json = CommonOptions.Json();
        var command = new Command("flow", "Show all that one command caused: what was committed, published and handled when, how often it was delivered, and what is not done yet and why.") { id, json };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(context, parsed, parsed.GetRequiredValue(id), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, ParseResult parsed, string id, bool json, CancellationToken cancellationToken)
    {
        using var client = context.Connect(parsed);
        var document = await client.GetJsonAsync(PipelineClient.Path("flows", id), cancellationToken);
        if (json)
            context.Terminal.Json(document);
        else
            FlowTimeline.Write(context.Terminal, document.As(WireJson.Default.Flow), context.Clock.GetUtcNow());

        return ExitCode.Ok;
    }
}
