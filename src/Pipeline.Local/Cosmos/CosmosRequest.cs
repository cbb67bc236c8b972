namespace Pipeline.Local.Cosmos;

/// <summary>A request as it came in, over HTTP or in-process.</summary>
internal abstract class CosmosRequest
{
    /// <summary>A batch may have 2 MB of payload; this leaves room for its framing.</summary>
    public const int MaxBodyBytes = 3 * 1024 * 1024;

    protected CosmosRequest(string method, string escapedPath)
    {
        Method = method;
        Path = escapedPath;
        Address = ResourceAddress.Parse(escapedPath);
    }

    public string Method { get; }

    /// <summary>The path of the URL, percent-encoded as it was sent.</summary>
    public string Path { get; }

    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>The partition key header, a JSON array; null when the request has none.</summary>
    public string? PartitionKey => Header("x-ms-documentdb-partitionkey");

    public CosmosResource Resource => _resource ??= Classify();

    internal ResourceAddress Address { get; }

    /// <summary>Scheme and authority under which the client sees the endpoint.</summary>
    internal abstract string Origin { get; }

    /// <summary>The id that ties a response, and what is logged, to its request.</summary>
    internal string ActivityId => field ??= Header("x-ms-activity-id") is { Length: > 0 and <= 64 } id
        ? id
        : string.Create(CultureInfo.InvariantCulture, $"00000000-0000-0000-0000-{Interlocked.Increment(ref _requests):x12}");

    private static long _requests;
    private CosmosResource? _resource;

    /// <summary>The value of a request header; null when it is missing.</summary>
    public abstract string? Header(string name);

    internal bool IsFlagSet(string header) => string.Equals(Header(header), "True", StringComparison.OrdinalIgnoreCase);

    private CosmosResource Classify()
    {
        switch (Address.Kind)
        {
            case AddressKind.Account:
                return CosmosResource.Account;
            case AddressKind.Databases or AddressKind.Database:
                return CosmosResource.Database;
            case AddressKind.Containers or AddressKind.Container:
                return CosmosResource.Container;
            case AddressKind.PartitionKeyRanges:
                return CosmosResource.PartitionKeyRanges;
            case AddressKind.Item:
                return CosmosResource.Item;
            case AddressKind.Items when Method == "GET":
                return Header("A-IM") is null ? CosmosResource.ItemFeed : CosmosResource.ChangeFeed;
            case AddressKind.Items:
                if (IsFlagSet("x-ms-cosmos-is-batch-request"))
                    return CosmosResource.Batch;
                if (IsFlagSet("x-ms-cosmos-is-query-plan-request"))
                    return CosmosResource.QueryPlan;
                return IsFlagSet("x-ms-documentdb-isquery") || Header("Content-Type") is "application/query+json"
                    ? CosmosResource.Query
                    : CosmosResource.Item;
            default:
                return CosmosResource.Unknown;
        }
    }
}
