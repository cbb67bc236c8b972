using System.Runtime.InteropServices;
using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// Reads the latest versions behind a position. All changes of one transaction are on one page, in no particular order:
/// the real service promises none, so this one does not happen to keep any either.
/// </summary>
internal static class ChangeFeed
{
    private const int MaxItemsPerPage = 1000;
    private const int MaxBytesPerPage = 4 * 1024 * 1024;

    /// <summary>Documents looked at in one hold of the lock: a few milliseconds.</summary>
    private const int MaxStepsPerHold = 2000;

    /// <summary>
    /// The position that a request names by its headers: <c>If-None-Match</c> an etag to go on from, or <c>*</c> for now;
    /// without it <c>If-Modified-Since</c>; without either, the beginning.
    /// </summary>
    public static long Start(QueryScope scope, string? etag, string? modifiedSince)
    {
        if (etag is "*")
        {
            lock (scope.Store.Gate)
                return scope.Container.Lsn;
        }

        if (!string.IsNullOrEmpty(etag))
        {
            return long.TryParse(etag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var lsn)
                ? lsn
                : throw new CosmosFailure(400, $"The change feed continuation {etag} is invalid.");
        }

        if (string.IsNullOrEmpty(modifiedSince))
            return 0;
        return DateTimeOffset.TryParse(modifiedSince, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? FirstSince(scope, since.ToUnixTimeSeconds())
            : throw new CosmosFailure(400, $"If-Modified-Since '{modifiedSince}' is no date.");
    }

    public static ChangeFeedPage Read(QueryScope scope, long after, int maxItems)
    {
        maxItems = maxItems is <= 0 or > MaxItemsPerPage ? MaxItemsPerPage : maxItems;
        var found = new List<StoredDocument>();
        var lsn = after;
        for (var isAtEnd = false; !isAtEnd && found.Count == 0;)
        {
            lock (scope.Store.Gate)
            {
                var nowSeconds = scope.Store.Enter(scope.Container);
                var end = scope.Container.Lsn;
                // Taken for "nothing new", this would skip changes until the container has caught up.
                if (after > end)
                {
                    throw new CosmosFailure(
                        400, string.Create(CultureInfo.InvariantCulture,
                            $"The change feed continuation {after} is ahead of the container, which is at {end}: it belongs to other data."));
                }

                // Nothing new is the answer to nearly every poll.
                if (lsn < end)
                    lsn = Collect(scope, lsn, found, maxItems, nowSeconds);
                isAtEnd = lsn == end;
            }
        }

        if (found.Count == 0)
            return new(null, lsn);
        Shuffle(found);
        var page = new ResultPage(scope.Container.Rid, found.Sum(document => document.JsonLength + 1));
        foreach (var document in found)
            page.Add(document.Json);
        page.RequestCharge = RequestCharge.ChangeFeed(page.Bytes);
        return new(page, lsn);
    }

    /// <summary>Takes documents, which come by ascending LSN, up to the limits and then to the end of the transaction.</summary>
    /// <returns>The LSN that it came to.</returns>
    private static long Collect(QueryScope scope, long after, List<StoredDocument> found, int maxItems, long nowSeconds)
    {
        var partition = scope.PartitionKey is { } key ? new Partition(scope.Container, key) : null;
        var range = partition is null ? scope.Range : new RingRange(partition.EffectiveKey, partition.EffectiveKey.Next);
        var index = scope.Container.Index;
        long bytes = 0;
        var (steps, lsn) = (0, after);
        foreach (var document in partition is null ? index.Changes(scope.Container, after) : index.Changes(partition, after))
        {
            var isFull = found.Count >= maxItems || bytes >= MaxBytesPerPage || steps >= MaxStepsPerHold;
            if (isFull && document.Lsn != lsn)
                return lsn;
            steps++;
            lsn = document.Lsn;
            if (document.ExpiresAtSeconds <= nowSeconds || !range.Contains(document.Partition.EffectiveKey))
                continue;
            found.Add(document);
            bytes += document.JsonLength;
        }

        return scope.Container.Lsn;
    }

    /// <summary>Reorders the changes of each transaction, the same way every time.</summary>
    private static void Shuffle(List<StoredDocument> documents)
    {
        for (var start = 0; start < documents.Count;)
        {
            var end = start + 1;
            while (end < documents.Count && documents[end].Lsn == documents[start].Lsn)
                end++;
            if (end - start > 1)
                CollectionsMarshal.AsSpan(documents)[start..end].Sort((left, right) => Scatter(left).CompareTo(Scatter(right)));
            start = end;
        }
    }

    private static ulong Scatter(StoredDocument document) => (document.Rid ^ (ulong)document.Lsn << 32) * 0x9E37_79B9_7F4A_7C15;

    /// <summary>The position in front of the first change of that second or later: times grow with LSNs.</summary>
    private static long FirstSince(QueryScope scope, long seconds)
    {
        lock (scope.Store.Gate)
        {
            var (container, index) = (scope.Container, scope.Container.Index);
            long low = 0, high = container.Lsn + 1;
            while (low < high)
            {
                var middle = low + (high - low) / 2;
                if (index.FirstChange(container, middle) is { } change && change.TimestampSeconds < seconds)
                    low = change.Lsn + 1;
                else
                    high = middle;
            }

            return index.FirstChange(container, low) is { } first ? first.Lsn - 1 : container.Lsn;
        }
    }
}
