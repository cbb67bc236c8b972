using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pipeline.Generation;

/// <summary>What was in the generated files, and no longer is: a consumer that is gone by mistake would get no messages.</summary>
internal static partial class RemovedParts
{
    private const string Consumer = "consumer ";
    private const string Subscription = "subscription ";

    /// <summary>Gets what is gone, as <c>consumer billing/delivery</c>.</summary>
    /// <param name="before">The text of generated files before; <see langword="null"/> for one that was not there.</param>
    /// <param name="after">The same after.</param>
    public static IReadOnlyList<string> Of(Func<string, string?> before, IReadOnlyList<GeneratedFile> after)
    {
        var then = Of(after.Select(f => (f.Path, before(f.Path))));
        var now = Of(after.Select(f => (f.Path, f.Text))).ToHashSet(StringComparer.Ordinal);
        var gone = then.Where(part => !now.Contains(part)).ToList();

        // The subscription of a consumer goes with it.
        return [.. gone.Where(part => !part.StartsWith(Subscription, StringComparison.Ordinal) || !gone.Contains(Consumer + part[Subscription.Length..], StringComparer.Ordinal))];
    }

    private static List<string> Of(IEnumerable<(string Path, string? Text)> files) =>
        [.. files.SelectMany(f => f switch
        {
            { Text: null } => [],
            { Path: Workspace.TopologyFile } => Subscriptions(f.Text).Select(name => Subscription + name),
            _ when f.Path.EndsWith("/Catalog.g.cs", StringComparison.Ordinal) => Consumers().Matches(f.Text).Select(m => Consumer + m.Groups["name"].Value),
            _ when f.Path.EndsWith(".g.cs", StringComparison.Ordinal) => Functions().Matches(f.Text).Select(m => $"function {m.Groups["name"].Value}"),
            _ => [],
        }).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static List<string> Subscriptions(string topology)
    {
        try
        {
            return [.. List(JsonNode.Parse(topology)?["serviceBus"]?["topics"]).SelectMany(topic => List(topic["subscriptions"]).Select(s => $"{topic["name"]}/{s["name"]}"))];
        }
        catch (Exception edited) when (edited is JsonException or InvalidOperationException)
        {
            return []; // By hand; it is written anew.
        }
    }

    private static IEnumerable<JsonObject> List(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    [GeneratedRegex(@"^ +consumers\.Add\(.*\); // (?<name>\S+)\r?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Consumers();

    [GeneratedRegex(@"\[Function\(""(?<name>[^""]+)""\)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Functions();
}
