using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos;

/// <summary>Account, databases, containers and partition key ranges.</summary>
internal sealed class Metadata(DocumentStore store)
{
    /// <summary>What one physical partition can do: a container made for more has as many as that takes.</summary>
    private const int UnitsPerPhysicalPartition = 10_000;
    private const string DatabaseEtag = "\"1\"";

    public CosmosReply Execute(CosmosRequest request)
    {
        var address = request.Address;
        switch (address.Kind, request.Method)
        {
            case (AddressKind.Account, "GET"):
                return CosmosReply.Text(200, Account(request.Origin));
            case (AddressKind.Databases, "GET"):
                return ListOf("", "Databases", store.Databases().ConvertAll(Describe));
            case (AddressKind.Databases, "POST") when MetadataQueries.IsQuery(request):
                return ListOf("", "Databases", MetadataQueries.Run(request, store.Databases().ConvertAll(Describe), store.Now));
            case (AddressKind.Databases, "POST"):
                return CreateDatabase(request);
            case (AddressKind.Database, "GET"):
                return CosmosReply.Text(200, Describe(Database(address)), DatabaseEtag);
            case (AddressKind.Database, "DELETE"):
                store.Drop(Database(address));
                return new CosmosReply { Status = 204 };
            case (AddressKind.Containers, "GET"):
                var database = Database(address);
                return ListOf(database.Rid, "DocumentCollections", store.Containers(database).ConvertAll(Describe));
            case (AddressKind.Containers, "POST") when MetadataQueries.IsQuery(request):
                var queried = Database(address);
                return ListOf(queried.Rid, "DocumentCollections", MetadataQueries.Run(request, store.Containers(queried).ConvertAll(Describe), store.Now));
            case (AddressKind.Containers, "POST"):
                return CreateContainer(request);
            case (AddressKind.Container, "GET"):
                var found = Container(address);
                return CosmosReply.Text(200, Describe(found), found.Etag);
            case (AddressKind.Container, "PUT"):
                return ReplaceContainer(request);
            case (AddressKind.Container, "DELETE"):
                store.Drop(Container(address));
                return new CosmosReply { Status = 204 };
            default:
                throw Unsupported.Request(request);
        }
    }

    public static CosmosReply PartitionKeyRanges(StoredContainer container, CosmosRequest request)
    {
        if (request.Method != "GET")
            throw Unsupported.Request(request);
        var ranges = container.Ranges;
        return string.Equals(request.Header("If-None-Match"), ranges.Etag, StringComparison.Ordinal)
            ? new CosmosReply { Status = 304, Etag = ranges.Etag, ItemCount = 0, RequestCharge = RequestCharge.Metadata }
            : CosmosReply.Text(200, ranges.Json, ranges.Etag, itemCount: ranges.Count);
    }

    private StoredDatabase Database(ResourceAddress address) =>
        store.FindDatabase(address.Database) ?? throw new CosmosFailure(404, $"Database {address.Database} does not exist.");

    private StoredContainer Container(ResourceAddress address)
    {
        var database = store.FindDatabase(address.Database) ?? throw DocumentStore.MissingOwner($"Database {address.Database} does not exist.");
        return store.FindContainer(database, address.Container) ?? throw new CosmosFailure(404, $"Container {address.Container} does not exist.");
    }

    private CosmosReply CreateDatabase(CosmosRequest request)
    {
        using var body = ParseBody(request);
        var (database, created) = store.CreateDatabase(NameIn(body.RootElement));
        return created
            ? CosmosReply.Text(201, Describe(database), DatabaseEtag)
            : CosmosReply.Error(409, $"Database {database.Name} already exists.");
    }

    private CosmosReply CreateContainer(CosmosRequest request)
    {
        using var body = ParseBody(request);
        var root = body.RootElement;
        var definition = DefinitionIn(root, request);
        var timeToLive = TimeToLiveIn(root);

        var database = store.FindDatabase(request.Address.Database)
            ?? throw DocumentStore.MissingOwner($"Database {request.Address.Database} does not exist.");
        var (container, created) = store.CreateContainer(database, NameIn(root), definition, timeToLive);
        return created
            ? CosmosReply.Text(201, Describe(container), container.Etag)
            : CosmosReply.Error(409, $"Container {container.Name} already exists.");
    }

    /// <summary>Only the time to live can be changed; indexing policies are accepted and mean nothing here.</summary>
    private CosmosReply ReplaceContainer(CosmosRequest request)
    {
        using var body = ParseBody(request);
        var root = body.RootElement;
        var container = Container(request.Address);
        if (!string.Equals(NameIn(root), container.Name, StringComparison.Ordinal))
            throw new CosmosFailure(400, $"The id of a container cannot be changed: it is '{container.Name}'.");
        var definition = DefinitionIn(root, request);
        if (!definition.PartitionKeyPaths.SequenceEqual(container.Definition.PartitionKeyPaths, StringComparer.Ordinal))
            throw new CosmosFailure(400, $"The partition key of a container cannot be changed: it is {string.Join(", ", container.Definition.PartitionKeyPaths)}.");
        if (!KeysOf(definition).SequenceEqual(KeysOf(container.Definition), StringComparer.Ordinal))
            throw new CosmosFailure(400, "The unique keys of a container cannot be changed; create another container.");
        if (request.Header("If-Match") is { } etag && etag is not "*" && !string.Equals(etag, container.Etag, StringComparison.Ordinal))
            throw new CosmosFailure(412, "One of the specified pre-condition is not met: the container's etag is another.");
        store.SetDefaultTimeToLive(container, TimeToLiveIn(root));
        return CosmosReply.Text(200, Describe(container), container.Etag);
    }

    private static IEnumerable<string> KeysOf(ContainerDefinition definition) => definition.UniqueKeys.Select(List);

    private static int? TimeToLiveIn(JsonElement root)
    {
        if (!root.TryGetProperty("defaultTtl", out var ttl) || ttl.ValueKind != JsonValueKind.Number)
            return null;
        return ttl.TryGetInt32(out var seconds) && seconds is -1 or > 0
            ? seconds
            : throw new CosmosFailure(400, $"The default time to live {ttl.GetRawText()} is neither -1 nor positive.");
    }

    private ContainerDefinition DefinitionIn(JsonElement root, CosmosRequest request)
    {
        if (!root.TryGetProperty("partitionKey", out var key) || !key.TryGetProperty("paths", out var paths))
            throw new CosmosFailure(400, "The container has no partition key: give 'partitionKey' with 'paths'.");
        string[][] unique = [];
        if (root.TryGetProperty("uniqueKeyPolicy", out var policy) && policy.TryGetProperty("uniqueKeys", out var keys))
            unique = [.. keys.EnumerateArray().Select(uniqueKey => Texts(uniqueKey.GetProperty("paths")))];
        var ranges = store.PhysicalPartitions;
        if (request.Header("x-ms-offer-throughput") is { } header && int.TryParse(header, CultureInfo.InvariantCulture, out var units))
            ranges = Math.Max(ranges, (int)Math.Ceiling(units / (double)UnitsPerPhysicalPartition));
        return new ContainerDefinition(Texts(paths), unique, ranges);
    }

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString() ?? "")];

    private static JsonDocument ParseBody(CosmosRequest request)
    {
        StrictJson.Check(request.Body);
        try
        {
            return JsonDocument.Parse(request.Body);
        }
        catch (JsonException e)
        {
            throw new CosmosFailure(400, $"The request payload is invalid: {e.Message}");
        }
    }

    private static string NameIn(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()!
            : throw new CosmosFailure(400, "The required property 'id' is missing.");

    private static string Account(string origin) => $$"""
        {"_self":"","id":"local","_rid":"local","media":"//media/","addresses":"//addresses/","_dbs":"//dbs/",
        "writableLocations":[{"name":"Local","databaseAccountEndpoint":"{{origin}}/"}],
        "readableLocations":[{"name":"Local","databaseAccountEndpoint":"{{origin}}/"}],
        "enableMultipleWriteLocations":false,
        "userReplicationPolicy":{"asyncReplication":false,"minReplicaSetSize":1,"maxReplicasetSize":4},
        "userConsistencyPolicy":{"defaultConsistencyLevel":"Session"},
        "systemReplicationPolicy":{"minReplicaSetSize":1,"maxReplicasetSize":4},
        "readPolicy":{"primaryReadCoefficient":1,"secondaryReadCoefficient":1},
        "queryEngineConfiguration":"{\"maxSqlQueryInputLength\":262144,\"maxJoinsPerSqlQuery\":5,\"maxLogicalAndPerSqlQuery\":500,\"maxLogicalOrPerSqlQuery\":500,\"maxUdfRefPerSqlQuery\":10,\"maxInExpressionItemsCount\":16000,\"queryMaxInMemorySortDocumentCount\":500,\"maxQueryRequestTimeoutFraction\":0.9,\"sqlAllowNonFiniteNumbers\":false,\"sqlAllowAggregateFunctions\":true,\"sqlAllowSubQuery\":false,\"sqlAllowScalarSubQuery\":false,\"allowNewKeywords\":true,\"sqlAllowLike\":true,\"sqlAllowGroupByClause\":true,\"maxSpatialQueryCells\":12,\"spatialMaxGeometryPointCount\":256,\"sqlAllowTop\":true,\"enableSpatialIndexing\":false}"}
        """;

    private static string Describe(StoredDatabase database) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"id":{{Quote(database.Name)}},"_rid":"{{database.Rid}}","_self":"dbs/{{database.Rid}}/","_etag":"\"1\"",
        "_colls":"colls/","_users":"users/","_ts":{{database.TimestampSeconds}}}
        """);

    private static string Describe(StoredContainer container)
    {
        var timeToLive = container.DefaultTimeToLiveSeconds is { } seconds
            ? string.Create(CultureInfo.InvariantCulture, $"\"defaultTtl\":{seconds},")
            : "";
        var definition = container.Definition;
        var unique = definition.UniqueKeys.Length == 0
            ? ""
            : $"\"uniqueKeyPolicy\":{{\"uniqueKeys\":[{string.Join(',', definition.UniqueKeys.Select(key => $"{{\"paths\":{List(key)}}}"))}]}},";
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {"id":{{Quote(container.Name)}},{{timeToLive}}{{unique}}
            "indexingPolicy":{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/\"_etag\"/?"}]},
            "partitionKey":{"paths":{{List(definition.PartitionKeyPaths)}},"kind":"{{(definition.PartitionKeyPaths.Length > 1 ? "MultiHash" : "Hash")}}","version":2},
            "conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":"/_ts","conflictResolutionProcedure":""},
            "geospatialConfig":{"type":"Geography"},
            "_rid":"{{container.Rid}}","_ts":{{container.TimestampSeconds}},"_self":"{{Encoding.UTF8.GetString(container.SelfUtf8)}}",
            "_etag":{{Quote(container.Etag)}},
            "_docs":"docs/","_sprocs":"sprocs/","_triggers":"triggers/","_udfs":"udfs/","_conflicts":"conflicts/"}
            """);
    }

    private static CosmosReply ListOf(string rid, string property, List<string> items) => CosmosReply.Text(
        200,
        string.Create(CultureInfo.InvariantCulture, $"{{\"_rid\":\"{rid}\",\"{property}\":[{string.Join(',', items)}],\"_count\":{items.Count}}}"),
        itemCount: items.Count);

    private static string List(string[] texts) => $"[{string.Join(',', texts.Select(Quote))}]";

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
