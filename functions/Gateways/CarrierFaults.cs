using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Services.Shipping;

namespace Pipeline.Functions.Gateways;

/// <summary>
/// Articles whose parcels the simulated carrier fails to handle, for rehearsals of an outage. One record, so that all
/// instances see the same faults and a restart keeps them; it is read with every booking, never cached.
/// </summary>
public sealed class CarrierFaults(Container container)
{
    /// <summary>Most faults at a time.</summary>
    public const int MaxFaults = 100;

    private const int MaxRounds = 20;

    /// <summary>The articles with a fault, by name.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => (await ReadAsync(cancellationToken)).Skus;

    /// <summary>Sets a fault; setting it again changes nothing. False if there are <see cref="MaxFaults"/> others already.</summary>
    public Task<bool> TrySetAsync(string sku, CancellationToken cancellationToken) =>
        ChangeAsync(skus => skus.Add(sku), cancellationToken);

    /// <summary>Removes a fault; without effect if it is not set.</summary>
    public Task RemoveAsync(string sku, CancellationToken cancellationToken) =>
        ChangeAsync(skus => skus.Remove(sku), cancellationToken);

    internal async Task ThrowIfAnyAsync(IEnumerable<ParcelItem> items, CancellationToken cancellationToken)
    {
        var (skus, _) = await ReadAsync(cancellationToken);
        if (skus.Count > 0 && items.FirstOrDefault(item => skus.Contains(item.Sku, StringComparer.Ordinal)) is { } item)
            throw new TimeoutException($"The carrier does not answer for parcels with '{item.Sku}' (a simulated fault).");
    }

    private async Task<bool> ChangeAsync(Func<SortedSet<string>, bool> change, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MaxRounds; round++)
        {
            var (before, etag) = await ReadAsync(cancellationToken);
            var skus = new SortedSet<string>(before, StringComparer.Ordinal);
            if (!change(skus))
                return true;
            if (skus.Count > MaxFaults)
                return false;
            if (await TryWriteAsync([.. skus], etag, cancellationToken))
                return true;
        }

        throw new InvalidOperationException("The carrier's faults are being changed by too many at once; try again.");
    }

    private async Task<(IReadOnlyList<string> Skus, string? ETag)> ReadAsync(CancellationToken cancellationToken)
    {
        using var response = await container.ReadItemStreamAsync(
            CarrierFaultsRecord.Name, new PartitionKey(CarrierFaultsRecord.Name), cancellationToken: cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return ([], null);
        response.EnsureSuccessStatusCode();
        var record = await JsonSerializer.DeserializeAsync(response.Content, CarrierJson.Default.CarrierFaultsRecord, cancellationToken);
        return (record!.Skus, response.Headers.ETag);
    }

    /// <summary>Writes a change of what was read; false if the record has changed meanwhile.</summary>
    private async Task<bool> TryWriteAsync(IReadOnlyList<string> skus, string? etag, CancellationToken cancellationToken)
    {
        var record = new CarrierFaultsRecord { Skus = skus };
        var key = new PartitionKey(CarrierFaultsRecord.Name);
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(record, CarrierJson.Default.CarrierFaultsRecord), writable: false);
        using var response = etag is null
            ? await container.CreateItemStreamAsync(body, key, cancellationToken: cancellationToken)
            : await container.ReplaceItemStreamAsync(body, CarrierFaultsRecord.Name, key, new ItemRequestOptions { IfMatchEtag = etag }, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed)
            return false;
        response.EnsureSuccessStatusCode();
        return true;
    }
}
