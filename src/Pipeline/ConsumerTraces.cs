using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Storage;

namespace Pipeline;

/// <summary>Tells from stored records whether a consumer works, whichever instances run it.</summary>
public static class ConsumerTraces
{
    private const int MostRead = 100;

    /// <summary>Whether the consumer has written an effect or a ledger entry since a time; to the second.</summary>
    /// <param name="store">The container of the consumer.</param>
    /// <param name="consumer">Its name.</param>
    /// <param name="since">Since when.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">The container cannot be read.</exception>
    public static async Task<bool> HasAnyAsync(PartitionStore store, string consumer, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var query = new QueryDefinition("SELECT TOP 1 c.id FROM c WHERE c.kind IN ('inbox', 'deadletter') AND c.consumer = @consumer AND c._ts >= @since")
            .WithParameter("@consumer", consumer)
            .WithParameter("@since", since.ToUnixTimeSeconds());
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
        PartitionStore store, string consumer, string? partition, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var query = new QueryDefinition("SELECT TOP 100 * FROM c WHERE c.kind IN ('damage', 'givenback') AND c.consumer = @consumer").WithParameter("@consumer", consumer);
        using var read = await store.QueryAsync(query, null, MostRead, cancellationToken);
        return read.Records.Select(r => r.Deserialize(RecordJson.Default.HandlingProblem)!)
            .Where(t => t.SeenAt >= since)
            .OrderByDescending(t => t.Partition == partition).ThenByDescending(t => t.SeenAt)
            .Select(t => new GivenBack(t.Partition, t.What, t.Since, t.Times))
            .FirstOrDefault();
    }
}
