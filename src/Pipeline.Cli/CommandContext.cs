using System.CommandLine;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>The dependencies of a command.</summary>
internal sealed record CommandContext(Terminal Terminal, TimeProvider Clock, Option<Uri> Url, FunctionKeyOption Key)
{
    public PipelineClient Connect(ParseResult parsed) => new(parsed.GetRequiredValue(Url), Key.Of(parsed));
}
