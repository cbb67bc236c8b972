using System.Text.Json.Nodes;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>Documents in which every text holds what a terminal would obey, or a reader would not see.</summary>
internal static class HostileDocuments
{
    /// <summary>What else the answers are addressed by, so that the tool finds them.</summary>
    private static readonly HashSet<string> Addresses = ["continuation", "replayId", "entry"];

    /// <summary>The document with <see cref="HostileText.Text"/> behind every text that is no time.</summary>
    public static JsonNode Of(JsonNode document, params string[] spare) => Change(null, document, [.. Addresses, .. spare])!;

    /// <summary>A run of the tool in a terminal of so many columns.</summary>
    public static async Task<CliRun> InTerminalAsync(PipelineStub stub, int width, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync([.. args, "--url", stub.Url.ToString()], Terminal.Emulated(output, error, width), TimeProvider.System, CancellationToken.None);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    private static JsonNode? Change(string? name, JsonNode? node, HashSet<string> spare) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Change(member.Key, member.Value, spare)))),
        JsonArray items => new JsonArray([.. items.Select(item => Change(name, item, spare))]),
        JsonValue value when value.TryGetValue<string>(out var text) && !(name is not null && spare.Contains(name)) && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) => text + HostileText.Text,
        _ => node?.DeepClone(),
    };
}
