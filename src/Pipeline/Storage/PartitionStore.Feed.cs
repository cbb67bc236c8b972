using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Storage;

/// <content>The change feed, read on demand. What reacts to changes is a trigger, not this.</content>
public sealed partial class PartitionStore
{
    /// <summary>
    /// Reads the change feed of the whole container, the latest version of every item that changed, page by page until
    /// nothing is new; whoever reads a page owns its document. The last page has none: it only says where to go on.
    /// </summary>
    /// <param name="continuation">Where to go on; <see langword="null"/> to start at <paramref name="since"/>.</param>
    /// <param name="since">Start with the changes of that second, UTC; <see langword="null"/>: with those from now on.</param>
    /// <param name="pageSize">About how many changes a page has; those of one transaction are never split.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">The continuation does not fit this container.</exception>
    internal async IAsyncEnumerable<FeedPage> ChangesAsync(
        string? continuation,
        DateTimeOffset? since,
        int pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfOverlaid("change feed");
        var start = continuation is not null ? ChangeFeedStartFrom.ContinuationToken(continuation)
            : since is { } time ? ChangeFeedStartFrom.Time(time.UtcDateTime)
            : ChangeFeedStartFrom.Now();
        using var iterator = _container.GetChangeFeedStreamIterator(
            start, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = pageSize });
        while (true)
        {
            var page = await _backoff.RunAsync(
                async () =>
                {
                    using var response = await iterator.ReadNextAsync(cancellationToken);
                    if (response.StatusCode == HttpStatusCode.NotModified)
                        return new FeedPage(null, response.ContinuationToken);
                    ThrowIfFailed(response, "change feed");
                    return new FeedPage(await JsonDocument.ParseAsync(response.Content, default, cancellationToken), response.ContinuationToken);
                },
                IsTransient,
                cancellationToken);
            yield return page;
            if (page.Document is null)
                yield break;
        }
    }
}
