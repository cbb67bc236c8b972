using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Functions.Gateways;

/// <summary>The memory of the simulated gateways: the first record under a key is kept and answers every later call.</summary>
internal sealed class IdempotencyStore<T>(Container container, JsonTypeInfo<T> json)
    where T : class
{
    /// <summary>Stores the record, or returns the existing one.</summary>
    public async Task<T> KeepAsync(string id, string partition, T record, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(record, json), writable: false);
        using var response = await container.CreateItemStreamAsync(
            body, new PartitionKey(partition), new ItemRequestOptions { EnableContentResponseOnWrite = false }, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Conflict)
            return await FindAsync(id, partition, cancellationToken) ?? throw new InvalidOperationException($"The gateway's record '{id}' vanished.");
        response.EnsureSuccessStatusCode();
        return record;
    }

    /// <summary>The record under a key; <see langword="null"/> if there is none.</summary>
    public async Task<T?> FindAsync(string id, string partition, CancellationToken cancellationToken)
    {
        using var response = await container.ReadItemStreamAsync(id, new PartitionKey(partition), cancellationToken: cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        response.EnsureSuccessStatusCode();
        return await JsonSerializer.DeserializeAsync(response.Content, json, cancellationToken);
    }
}
