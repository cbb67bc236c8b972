using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Services.Notifications;

/// <summary>Stands in for an e-mail provider: keeps what it was asked to send, durably and under its key, and sends nothing.</summary>
public sealed class SimulatedEmailGateway(Container container, TimeProvider clock) : IEmailGateway
{
    private static readonly string[] Keys = ["confirmation", "shipped", "cancelled"];

    /// <inheritdoc/>
    public async Task<SentEmail> SendAsync(string key, string orderId, string to, string subject, CancellationToken cancellationToken)
    {
        var email = new SentEmail(key, to, subject, clock.GetUtcNow());
        var stored = new StoredEmail { Id = key, Partition = orderId, Email = email };
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(stored, EmailJson.Default.StoredEmail), writable: false);
        using var response = await container.CreateItemStreamAsync(
            body, new PartitionKey(orderId), new ItemRequestOptions { EnableContentResponseOnWrite = false }, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Conflict)
            return await ReadAsync(key, orderId, cancellationToken) ?? throw new InvalidOperationException($"The e-mail '{key}' vanished.");
        response.EnsureSuccessStatusCode();
        return email;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SentEmail>> FindAsync(string orderId, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(Keys.Select(kind => ReadAsync($"mail-{kind}-{orderId}", orderId, cancellationToken)));
        return [.. found.OfType<SentEmail>().OrderBy(e => e.Time)];
    }

    private async Task<SentEmail?> ReadAsync(string key, string orderId, CancellationToken cancellationToken)
    {
        using var response = await container.ReadItemStreamAsync(key, new PartitionKey(orderId), cancellationToken: cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        response.EnsureSuccessStatusCode();
        return (await JsonSerializer.DeserializeAsync(response.Content, EmailJson.Default.StoredEmail, cancellationToken))!.Email;
    }
}

/// <summary>An e-mail as the simulated provider keeps it.</summary>
internal sealed record StoredEmail
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("email")]
    public required SentEmail Email { get; init; }
}

[JsonSerializable(typeof(StoredEmail))]
internal sealed partial class EmailJson : JsonSerializerContext;
