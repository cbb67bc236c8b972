using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>Reads lists as they come, for <c>--json</c>.</summary>
internal static class Listing
{
    /// <summary>The first items of a list, and whether there are more.</summary>
    public static async Task<(List<JsonElement> Items, bool HasMore)> FirstAsync(
        PipelineClient client, string path, int most, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        await foreach (var item in client.ItemsAsync(path, PipelineJson.Default.PageJsonElement, retry: null, cancellationToken))
        {
            if (items.Count == most)
                return (items, true);
            items.Add(item);
        }

        return (items, false);
    }
}
