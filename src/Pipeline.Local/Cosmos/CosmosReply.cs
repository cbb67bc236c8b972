using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos;

/// <summary>An answer, before it becomes an HTTP response.</summary>
internal sealed class CosmosReply
{
    public const string Json = "application/json";

    public required int Status { get; init; }
    public ReadOnlyMemory<byte> Body { get; init; }
    public string ContentType { get; init; } = Json;
    public int SubStatus { get; init; }
    public string? Etag { get; init; }
    public double RequestCharge { get; init; }
    public string? Continuation { get; init; }
    public int? ItemCount { get; init; }
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The container that was asked, with its LSN then: the session token.</summary>
    public StoredContainer? Container { get; init; }
    public long Lsn { get; init; }

    /// <summary>The partition key range that answered, the first one of several.</summary>
    public int Range { get; init; }

    /// <summary>The answer does not reach the client: it sees a broken connection.</summary>
    public bool IsLost { get; init; }

    public static CosmosReply Lost { get; } = new() { Status = 0, IsLost = true };

    public static CosmosReply Error(int status, string message, int subStatus = 0, TimeSpan? retryAfter = null)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("code", CodeOf(status));
            writer.WriteString("message", message);
            writer.WriteEndObject();
        }

        return new CosmosReply { Status = status, SubStatus = subStatus, RetryAfter = retryAfter, Body = output.ToArray(), RequestCharge = 1 };
    }

    public static CosmosReply Error(CosmosFailure failure) => Error(failure.Status, failure.Message, failure.SubStatus);

    public static CosmosReply Text(int status, string json, string? etag = null, int? itemCount = null) => new()
    {
        Status = status,
        Body = Encoding.UTF8.GetBytes(json),
        Etag = etag,
        ItemCount = itemCount,
        RequestCharge = Cosmos.RequestCharge.Metadata,
    };

    /// <summary>Hands every response header but the content's to <paramref name="add"/>.</summary>
    public void VisitHeaders<T>(T target, string activityId, Action<T, string, string> add)
    {
        add(target, "x-ms-activity-id", activityId);
        add(target, "x-ms-request-charge", RequestCharge.ToString(CultureInfo.InvariantCulture));
        if (Etag is not null)
            add(target, "etag", Etag);
        if (SubStatus != 0)
            add(target, "x-ms-substatus", SubStatus.ToString(CultureInfo.InvariantCulture));
        if (Container is not null)
        {
            add(target, "x-ms-session-token", string.Create(CultureInfo.InvariantCulture, $"{Range}:-1#{Lsn}"));
            add(target, "lsn", Lsn.ToString(CultureInfo.InvariantCulture));
        }

        if (Continuation is not null)
            add(target, "x-ms-continuation", Continuation);
        if (ItemCount is { } count)
            add(target, "x-ms-item-count", count.ToString(CultureInfo.InvariantCulture));
        if (RetryAfter is { } wait)
            add(target, "x-ms-retry-after-ms", ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
    }

    private static string CodeOf(int status) => status switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreconditionFailed",
        413 => "RequestEntityTooLarge",
        429 => "TooManyRequests",
        449 => "RetryWith",
        501 => "NotImplemented",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    };
}
