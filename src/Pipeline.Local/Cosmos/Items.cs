namespace Pipeline.Local.Cosmos;

/// <summary>Requests on single items.</summary>
internal static class Items
{
    public static CosmosReply Execute(DocumentStore store, StoredContainer container, CosmosRequest request)
    {
        var partitionKey = RequiredPartitionKey(container, request);
        var operation = Parse(container, partitionKey, request);
        var result = default(ItemResult);
        var lsn = store.Execute(container, partitionKey, new ReadOnlySpan<ItemOperation>(in operation), new Span<ItemResult>(ref result));
        if (result.Status >= 400)
        {
            var error = CosmosReply.Error(result.Status, result.Message!, result.SubStatus);
            return new CosmosReply
            {
                Status = error.Status,
                SubStatus = error.SubStatus,
                Body = error.Body,
                RequestCharge = Math.Max(1, result.RequestCharge),
                Container = container,
                Range = container.Ranges.IdOf(partitionKey),
                Lsn = lsn,
            };
        }

        return new CosmosReply
        {
            Status = result.Status,
            Body = result.Body,
            Etag = result.Etag,
            RequestCharge = result.RequestCharge,
            Container = container,
            Range = container.Ranges.IdOf(partitionKey),
            Lsn = lsn,
        };
    }

    public static PartitionKeyValue RequiredPartitionKey(StoredContainer container, CosmosRequest request) =>
        CompletePartitionKey(container, request.PartitionKey ?? throw new CosmosFailure(
            400, "PartitionKey value must be supplied for this operation."));

    /// <summary>Parses a key that has to have all its components.</summary>
    public static PartitionKeyValue CompletePartitionKey(StoredContainer container, string header)
    {
        var key = PartitionKeyValue.ParseHeader(header);
        return key.Components == container.Definition.PartitionKeyPaths.Length ? key : throw WrongComponents(container, key);
    }

    public static CosmosFailure WrongComponents(StoredContainer container, PartitionKeyValue key) => new(
        400,
        string.Create(CultureInfo.InvariantCulture,
            $"The partition key has {key.Components} components, but that of container {container.Name} has {container.Definition.PartitionKeyPaths.Length}: " +
            $"{string.Join(", ", container.Definition.PartitionKeyPaths)}."),
        SubStatus.PartitionKeyMismatch);

    /// <summary>Parses a document that is to be written, and checks that it belongs into the partition.</summary>
    public static ItemContent ParseContent(StoredContainer container, PartitionKeyValue partitionKey, ReadOnlyMemory<byte> body)
    {
        var content = ItemContent.Parse(body, container.Definition);
        return content.PartitionKey == partitionKey
            ? content
            : throw new CosmosFailure(
                400, "PartitionKey extracted from document doesn't match the one specified in the header.", SubStatus.PartitionKeyMismatch);
    }

    private static ItemOperation Parse(StoredContainer container, PartitionKeyValue partitionKey, CosmosRequest request)
    {
        var kind = (request.Address.Kind, request.Method) switch
        {
            (AddressKind.Items, "POST") when request.IsFlagSet("x-ms-documentdb-is-upsert") => ItemOperationKind.Upsert,
            (AddressKind.Items, "POST") => ItemOperationKind.Create,
            (AddressKind.Item, "GET") => ItemOperationKind.Read,
            (AddressKind.Item, "PUT") => ItemOperationKind.Replace,
            (AddressKind.Item, "DELETE") => ItemOperationKind.Delete,
            (AddressKind.Item, "PATCH") => ItemOperationKind.Patch,
            _ => throw Unsupported.Request(request),
        };
        var trigger = request.Header("x-ms-documentdb-pre-trigger-include") ?? request.Header("x-ms-documentdb-post-trigger-include");
        if (trigger is not null)
            throw CosmosFailure.NotSupported($"Trigger {trigger}: triggers do not run here; do it in the client, or on the change feed.");

        var content = kind is ItemOperationKind.Create or ItemOperationKind.Upsert or ItemOperationKind.Replace
            ? ParseContent(container, partitionKey, request.Body)
            : null;
        var id = request.Address.Kind == AddressKind.Item ? request.Address.Item : content!.Id;
        CheckSameId(content, id);
        return new ItemOperation
        {
            Kind = kind,
            Id = id,
            Content = content,
            Patch = kind == ItemOperationKind.Patch ? PatchSpecification.Parse(request.Body) : null,
            IfMatch = request.Header("If-Match"),
            IfNoneMatch = request.Header("If-None-Match"),
            MinimalReturn = request.Header("Prefer") is { } prefer && prefer.Contains("return=minimal", StringComparison.OrdinalIgnoreCase),
        };
    }

    public static void CheckSameId(ItemContent? content, string id)
    {
        if (content is not null && !string.Equals(content.Id, id, StringComparison.Ordinal))
            throw CosmosFailure.NotSupported($"Replacing item '{id}' by one with the id '{content.Id}'.");
    }
}
