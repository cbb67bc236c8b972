using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Azure.Cosmos;

namespace Pipeline.BookingApp;

/// <summary>The memory of a simulated gateway, in a container that no service reads: the first answer to a key is that of every later call.</summary>
internal sealed class GatewayAnswers<T>(Container container, string kind, JsonTypeInfo<GatewayRecord<T>> json)
    where T : class
{
    /// <summary>Stores the answer, or returns the one that there is.</summary>
    public async Task<T> KeepAsync(string key, string bookingId, T answer, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new GatewayRecord<T>(key, bookingId, kind, answer), json), writable: false);
        using var response = await container.CreateItemStreamAsync(body, new PartitionKey(bookingId), cancellationToken: cancellationToken);
        if (response.StatusCode == HttpStatusCode.Conflict)
            return await FindAsync(key, bookingId, cancellationToken) ?? throw new InvalidOperationException($"The gateway's answer '{key}' vanished.");
        response.EnsureSuccessStatusCode();
        return answer;
    }

    /// <summary>The answer to a key; <see langword="null"/> if there is none.</summary>
    public async Task<T?> FindAsync(string key, string bookingId, CancellationToken cancellationToken)
    {
        using var response = await container.ReadItemStreamAsync(key, new PartitionKey(bookingId), cancellationToken: cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        response.EnsureSuccessStatusCode();
        return (await JsonSerializer.DeserializeAsync(response.Content, json, cancellationToken))!.Answer;
    }
}
