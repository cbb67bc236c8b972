using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>Which ledger entries are meant. What is <see langword="null"/> does not matter.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>The entry's id.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>The consumer.</summary>
    [JsonPropertyName("consumer")]
    public string? Consumer { get; init; }

    /// <summary>The subject.</summary>
    [JsonPropertyName("subject")]
    public string? Partition { get; init; }

    /// <summary>CloudEvents type.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>CloudEvents id.</summary>
    [JsonPropertyName("event")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EventId { get; init; }

    /// <summary>CloudEvents source.</summary>
    [JsonPropertyName("source")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    /// <summary>One of <see cref="DeadLetterReasons"/>, or what the broker gave.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>The fingerprint; <c>unknown</c> for entries that have none.</summary>
    [JsonPropertyName("fingerprint")]
    public string? Fingerprint { get; init; }

    /// <summary>Made then or later.</summary>
    [JsonPropertyName("from")]
    public DateTimeOffset? From { get; init; }

    /// <summary>Made before then.</summary>
    [JsonPropertyName("to")]
    public DateTimeOffset? To { get; init; }

    /// <summary>Only open or only closed ones.</summary>
    [JsonIgnore]
    public bool? Open { get; init; }

    /// <summary>Only those that were discarded.</summary>
    [JsonIgnore]
    public bool Discarded { get; init; }

    /// <summary>Only those that are retried by themselves when due.</summary>
    [JsonIgnore]
    public bool Held { get; init; }

    /// <summary>The query for them; <see cref="Partition"/> is for the caller to ask in.</summary>
    internal QueryDefinition Select(string columns)
    {
        var text = new StringBuilder($"SELECT {columns} FROM c WHERE c.kind = 'deadletter'");
        var parameters = new List<(string Name, object Value)>();
        Add("c.id = ", "@id", Id);
        Add("c.consumer = ", "@consumer", Consumer);
        Add("c.type = ", "@type", Type);
        Add("c.eventId = ", "@event", EventId);
        Add("c.source = ", "@source", Source);
        Add("c.reason = ", "@reason", Reason);
        if (Fingerprint == Pipeline.DeadLetters.Fingerprint.Unknown)
            text.Append(" AND NOT IS_DEFINED(c.fingerprint)");
        else
            Add("c.fingerprint = ", "@fingerprint", Fingerprint);
        if (Discarded)
            text.Append(" AND IS_DEFINED(c.discarded)");
        if (Held)
            text.Append(" AND IS_DEFINED(c.retryAt)");
        Add("c.createdAt >= ", "@from", TextOf(From));
        Add("c.createdAt < ", "@to", TextOf(To));
        Add("c.open = ", "@open", Open);
        var query = new QueryDefinition(text.ToString());
        foreach (var (name, value) in parameters)
            query.WithParameter(name, value);
        return query;

        void Add(string condition, string name, object? value)
        {
            if (value is null)
                return;
            text.Append(" AND ").Append(condition).Append(name);
            parameters.Add((name, value));
        }
    }

    private static string? TextOf(DateTimeOffset? time) => time is { } t ? RecordJson.TextOf(t) : null;
}
