using System.CommandLine;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline flow ID</c>: everything that one command caused, as a timeline.</summary>
internal static class FlowCommand
{
    public static Command Create(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The correlation id. For an order it is the id of the order, unless the caller gave another." };
        var json = CommonOptions.Json();
        var command = new Command("flow", "Show everything that one command caused: when each message was committed, published and handled, its deliveries, and which steps are not done and why.") { id, json };
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
            FlowTimeline.Write(context.Terminal, document.As(PipelineJson.Default.FlowDetails), context.Clock.GetUtcNow());

        return ExitCode.Ok;
    }
}
