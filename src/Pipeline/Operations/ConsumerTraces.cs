using System.Text.Json;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>Tells from stored records whether a consumer works, whichever instances run it.</summary>
public static class ConsumerTraces
{
    private const int MostRead = 100;

    /// <summary>Whether the consumer has written an effect or a dead letter since a time; to the second.</summary>
    /// <param name="store">The container of the consumer.</param>
    /// <param name="consumer">Its name.</param>
    /// <param name="since">Since when.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">The container cannot be read.</exception>
    public static async Task<bool> HasAnyAsync(CosmosPartitionStore store, ConsumerName consumer, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var query = StoreQueries.WrittenByConsumer(consumer, since.ToUnixTimeSeconds());
        using var read = await store.QueryAsync(query, null, 1, cancellationToken);
        return read.Count > 0;
    }

    /// <summary>Why the consumer gave messages back since a time; <see langword="null"/> if it did not, or could not note it.</summary>
    /// <param name="store">The container of the consumer.</param>
    /// <param name="consumer">Its name.</param>
    /// <param name="partition">The subject of the message in question, whose reason is preferred; <see langword="null"/> for any.</param>
    /// <param name="since">Since when.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">The container cannot be read.</exception>
    public static async Task<GivenBack?> WhyGivenBackAsync(
        CosmosPartitionStore store, ConsumerName consumer, Partition? partition, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var query = StoreQueries.ProblemsOfConsumer(consumer);
        using var read = await store.QueryAsync(query, null, MostRead, cancellationToken);
        return read.Records.Select(r => r.Deserialize(StorageJson.Default.HandlingProblem)!)
            .Where(t => t.SeenAt >= since)
            .OrderByDescending(t => t.Partition == partition).ThenByDescending(t => t.SeenAt)
            .Select(t => new GivenBack(t.Partition.Value, t.What, t.Since, t.Times))
            .FirstOrDefault();
    }
}
