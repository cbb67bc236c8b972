using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Serialization.HybridRow;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.IO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Layouts;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.RecordIO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Schemas;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// The binary form of batches: HybridRow rows in RecordIO framing, with the schemas that the client library carries.
/// </summary>
internal static class BatchCodec
{
    private const int DocumentResource = 2;
    private const string SchemaResource = "Microsoft.Azure.Cosmos.Batch.HybridRowBatchSchemas.json";
    private static readonly LayoutResolverNamespace Resolver = new(Namespace.Parse(ReadSchemas()), null);
    private static readonly Layout ResultLayout =
        Resolver.Resolve(Resolver.Namespace.Schemas.Single(schema => schema.Name == "BatchResult").SchemaId);

    /// <exception cref="CosmosFailure">400 when the body is no batch.</exception>
    public static List<BatchRecord> Read(ReadOnlyMemory<byte> body)
    {
        var records = new List<BatchRecord>();
        var parser = default(RecordIOParser);
        while (!body.IsEmpty)
        {
            var result = parser.Process(body, out var production, out ReadOnlyMemory<byte> record, out _, out var consumed);
            var isUnderstood = result is Result.Success or Result.InsufficientBuffer;
            if (!isUnderstood || production == RecordIOParser.ProductionType.None || consumed == 0)
                throw new CosmosFailure(400, $"The batch is not understood ({result}).");
            if (production == RecordIOParser.ProductionType.Record)
                records.Add(ReadRecord(record));
            body = body[consumed..];
        }

        return records;
    }

    public static byte[] Write(ReadOnlyMemory<ItemResult> results)
    {
        var size = 64;
        foreach (var result in results.Span)
            size += result.Body.Length + 96;
        using var output = new MemoryStream(size);
        var resizer = new MemorySpanResizer<byte>(1024);
        var write = output.WriteRecordIOAsync(
            default,
            (long index, out ReadOnlyMemory<byte> buffer) =>
            {
                buffer = default;
                return index < results.Length ? WriteRow(results.Span[(int)index], resizer, out buffer) : Result.Success;
            });
        // A memory stream never waits.
        var outcome = write.GetAwaiter().GetResult();
        return outcome == Result.Success
            ? output.ToArray()
            : throw new InvalidOperationException($"The batch result cannot be written: {outcome}.");
    }

    private static BatchRecord ReadRecord(ReadOnlyMemory<byte> row)
    {
        var record = default(BatchRecord);
        var reader = new RowReader(row, HybridRowVersion.V1, Resolver);
        while (reader.Read())
        {
            var result = reader.Path.ToString() switch
            {
                "operationType" => reader.ReadInt32(out record.OperationType),
                "resourceType" => reader.ReadInt32(out record.ResourceType),
                "partitionKey" => reader.ReadString(out record.PartitionKey),
                "id" => reader.ReadString(out record.Id),
                "resourceBody" => ReadBody(ref reader, row, out record.Body),
                "ifMatch" => reader.ReadString(out record.IfMatch),
                "ifNoneMatch" => reader.ReadString(out record.IfNoneMatch),
                "minimalReturnPreference" => reader.ReadBool(out record.MinimalReturn),
                "binaryId" or "effectivePartitionKey" or "timeToLiveInSeconds" => Unsupported(reader.Path.ToString()),
                _ => Result.Success,
            };
            if (result != Result.Success)
                throw new CosmosFailure(400, $"An operation of the batch is not understood ({reader.Path}: {result}).");
        }

        return record.ResourceType == DocumentResource
            ? record
            : throw CosmosFailure.NotSupported(string.Create(CultureInfo.InvariantCulture,
                $"Batch operations on resource type {record.ResourceType}."));
    }

    private static Result Unsupported(string field) => throw CosmosFailure.NotSupported($"The batch field '{field}'.");

    /// <summary>The body stays where it is: a slice of the request.</summary>
    private static Result ReadBody(ref RowReader reader, ReadOnlyMemory<byte> row, out ReadOnlyMemory<byte> body)
    {
        body = default;
        var result = reader.ReadBinary(out ReadOnlySpan<byte> span);
        if (result == Result.Success && !span.IsEmpty)
            body = row.Span.Overlaps(span, out var offset) ? row.Slice(offset, span.Length) : span.ToArray();
        return result;
    }

    private static Result WriteRow(ItemResult result, MemorySpanResizer<byte> resizer, out ReadOnlyMemory<byte> buffer)
    {
        var row = new RowBuffer(resizer.Memory.Length, resizer);
        row.InitLayout(HybridRowVersion.V1, ResultLayout, Resolver);
        var outcome = RowWriter.WriteBuffer(ref row, result, WriteFields);
        buffer = outcome == Result.Success ? resizer.Memory[..row.Length] : default;
        return outcome;
    }

    private static Result WriteFields(ref RowWriter writer, TypeArgument type, ItemResult item)
    {
        var result = writer.WriteInt32("statusCode", item.Status);
        if (result == Result.Success && item.SubStatus != 0)
            result = writer.WriteInt32("subStatusCode", item.SubStatus);
        if (result == Result.Success && item.Etag is not null)
            result = writer.WriteString("eTag", item.Etag);
        if (result == Result.Success && !item.Body.IsEmpty)
            result = writer.WriteBinary("resourceBody", item.Body.Span);
        return result == Result.Success ? writer.WriteFloat64("requestCharge", item.RequestCharge) : result;
    }

    private static string ReadSchemas()
    {
        using var stream = typeof(CosmosClient).Assembly.GetManifestResourceStream(SchemaResource)
            ?? throw new InvalidOperationException($"The Cosmos DB client library has no resource {SchemaResource}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
