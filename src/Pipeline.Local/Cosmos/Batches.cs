namespace Pipeline.Local.Cosmos;

/// <summary>Transactional batches, and bulk requests, which are the same message without the transaction.</summary>
internal static class Batches
{
    private const int MaxOperations = 100;
    private const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>Room for the framing of a batch whose documents make up the whole limit.</summary>
    private const int FramingBytes = 64 * 1024;

    public static CosmosReply Execute(DocumentStore store, StoredContainer container, CosmosRequest request)
    {
        if (request.Method != "POST")
            throw Unsupported.Request(request);
        if (request.Body.Length > MaxBytes + FramingBytes)
        {
            throw new CosmosFailure(
                413, $"Request size is too large: the batch has {request.Body.Length} bytes, at most {MaxBytes} are allowed.");
        }

        var isJson = JsonBatchCodec.IsJson(request.Body);
        var records = isJson ? JsonBatchCodec.Read(request.Body) : BatchCodec.Read(request.Body);
        if (records.Count > MaxOperations)
            throw new CosmosFailure(400, $"Batch request has more operations than what is supported: {records.Count} of {MaxOperations}.");
        if (records.Count == 0)
            throw new CosmosFailure(400, "The batch has no operations.");
        if (records.Sum(record => (long)record.Body.Length) > MaxBytes)
            throw new CosmosFailure(413, $"Request size is too large: the documents of the batch have more than {MaxBytes} bytes.");

        var results = new ItemResult[records.Count];
        var lsn = request.IsFlagSet("x-ms-cosmos-batch-atomic")
            ? ExecuteAtomically(store, container, Items.RequiredPartitionKey(container, request), records, results)
            : ExecuteOneByOne(store, container, records, results);
        return new CosmosReply
        {
            Status = Array.TrueForAll(results, result => result.IsSuccess) ? 200 : 207,
            Body = isJson ? JsonBatchCodec.Write(results) : BatchCodec.Write(results),
            ContentType = isJson ? CosmosReply.Json : "application/octet-stream",
            ItemCount = results.Length,
            RequestCharge = results.Sum(result => result.RequestCharge),
            Container = container,
            Lsn = lsn,
        };
    }

    /// <summary>The most that the documents of an answer can have together.</summary>
    public const int MaxResponseBytes = 4 * 1024 * 1024;

    private static long ExecuteAtomically(
        DocumentStore store, StoredContainer container, PartitionKeyValue partitionKey, List<BatchRecord> records, ItemResult[] results)
    {
        var operations = new ItemOperation[records.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            try
            {
                operations[i] = Parse(container, partitionKey, records[i]);
            }
            catch (CosmosFailure failure)
            {
                Array.Fill(results, ItemResult.FailedDependency);
                results[i] = new(failure.Status, failure.Message, failure.SubStatus);
                return container.Lsn;
            }
        }

        return store.Execute(container, partitionKey, operations, results);
    }

    private static long ExecuteOneByOne(DocumentStore store, StoredContainer container, List<BatchRecord> records, ItemResult[] results)
    {
        var lsn = container.Lsn;
        long bytes = 0;
        for (var i = 0; i < results.Length; i++)
        {
            // Not even begun, so that the client can send it again.
            if (bytes > MaxResponseBytes)
            {
                results[i] = ItemResult.ResponseTooLarge;
                continue;
            }

            try
            {
                var partitionKey = Items.CompletePartitionKey(
                    container, records[i].PartitionKey ?? throw new CosmosFailure(400, "An operation of a bulk request needs a partition key."));
                var operation = Parse(container, partitionKey, records[i]);
                lsn = store.Execute(container, partitionKey, [operation], results.AsSpan(i, 1));
                bytes += results[i].Body.Length;
                if (bytes > MaxResponseBytes && !operation.IsWrite)
                    results[i] = ItemResult.ResponseTooLarge;
            }
            catch (CosmosFailure failure)
            {
                results[i] = new(failure.Status, failure.Message, failure.SubStatus);
            }
        }

        return lsn;
    }

    private static ItemOperation Parse(StoredContainer container, PartitionKeyValue partitionKey, BatchRecord record)
    {
        var kind = (ItemOperationKind)record.OperationType;
        ItemContent? content = null;
        PatchSpecification? patch = null;
        switch (kind)
        {
            case ItemOperationKind.Create or ItemOperationKind.Upsert or ItemOperationKind.Replace:
                content = Items.ParseContent(container, partitionKey, record.Body);
                break;
            case ItemOperationKind.Patch:
                patch = PatchSpecification.Parse(record.Body);
                break;
            case ItemOperationKind.Read or ItemOperationKind.Delete:
                break;
            default:
                throw CosmosFailure.NotSupported(string.Create(CultureInfo.InvariantCulture,
                    $"Batch operation type {record.OperationType}."));
        }

        var id = record.Id ?? content?.Id ?? throw new CosmosFailure(400, "An operation of the batch names no id.");
        Items.CheckSameId(content, id);
        return new ItemOperation
        {
            Kind = kind,
            Id = id,
            Content = content,
            Patch = patch,
            IfMatch = record.IfMatch,
            IfNoneMatch = record.IfNoneMatch,
            MinimalReturn = record.MinimalReturn,
        };
    }
}
