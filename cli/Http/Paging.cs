using System.Runtime.CompilerServices;
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
}
