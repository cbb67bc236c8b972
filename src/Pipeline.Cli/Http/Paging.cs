using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Cli.Http;

/// <summary>Reads lists that come in pages.</summary>
internal static class Paging
{
    /// <summary>All items of a list, page by page; <paramref name="path"/> may carry a query.</summary>
    public static async IAsyncEnumerable<T> ItemsAsync<T>(
        this PipelineClient client,
        string path,
        JsonTypeInfo<Page<T>> type,
        Transient? retry,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var at = continuation is null
                ? path
                : $"{path}{(path.Contains('?') ? '&' : '?')}continuation={Uri.EscapeDataString(continuation)}";
            var page = retry is null
                ? await client.GetAsync(at, type, cancellationToken)
                : await retry.RetryAsync(token => client.GetAsync(at, type, token), cancellationToken);
            foreach (var item in page.Items)
                yield return item;

            if (page.Continuation is not null && page.Continuation == continuation)
                throw new CliFailure($"The list {client.Address(path)} repeats its continuation and would never end. Report this.");

            continuation = page.Continuation;
        }
        while (!string.IsNullOrEmpty(continuation));
    }

    /// <summary>The first items of a list as they came, and whether there are more.</summary>
    public static async Task<(List<JsonElement> Items, bool HasMore)> FirstAsync(
        this PipelineClient client, string path, int most, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        await foreach (var item in client.ItemsAsync(path, WireJson.Default.PageJsonElement, retry: null, cancellationToken))
        {
            if (items.Count == most)
                return (items, true);

            items.Add(item);
        }

        return (items, false);
    }
}
