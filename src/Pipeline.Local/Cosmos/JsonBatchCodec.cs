using System.Runtime.InteropServices;
using System.Text.Json;

namespace Pipeline.Local.Cosmos;

/// <summary>The JSON form of batches, which the clients for JavaScript and other languages send.</summary>
internal static class JsonBatchCodec
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    /// <summary>Tells the two forms apart: the binary one never begins so.</summary>
    public static bool IsJson(ReadOnlyMemory<byte> body) => body.Span.TrimStart(" \t\r\n"u8) is [(byte)'[', ..];

    /// <exception cref="CosmosFailure">400 when the body is no batch.</exception>
    public static List<BatchRecord> Read(ReadOnlyMemory<byte> body)
    {
        StrictJson.Check(body);
        try
        {
            using var json = JsonDocument.Parse(body, Options);
            return [.. json.RootElement.EnumerateArray().Select(ReadRecord)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CosmosFailure(400, $"The batch is not understood: {e.Message}");
        }
    }

    public static byte[] Write(ReadOnlySpan<ItemResult> results)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartArray();
            foreach (var result in results)
            {
                writer.WriteStartObject();
                writer.WriteNumber("statusCode", result.Status);
                if (result.SubStatus != 0)
                    writer.WriteNumber("subStatusCode", result.SubStatus);
                writer.WriteNumber("requestCharge", result.RequestCharge);
                if (result.Etag is not null)
                    writer.WriteString("eTag", result.Etag);
                if (!result.Body.IsEmpty)
                {
                    writer.WritePropertyName("resourceBody");
                    writer.WriteRawValue(result.Body.Span, skipInputValidation: true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return output.ToArray();
    }

    private static BatchRecord ReadRecord(JsonElement operation)
    {
        var type = operation.GetProperty("operationType"u8).GetString();
        return new BatchRecord
        {
            OperationType = Enum.TryParse<ItemOperationKind>(type, out var kind) && Enum.IsDefined(kind)
                ? (int)kind
                : throw CosmosFailure.NotSupported($"Batch operation type {type}."),
            PartitionKey = Text(operation, "partitionKey"),
            Id = Text(operation, "id"),
            IfMatch = Text(operation, "ifMatch"),
            IfNoneMatch = Text(operation, "ifNoneMatch"),
            Body = operation.TryGetProperty("resourceBody"u8, out var body) ? JsonMarshal.GetRawUtf8Value(body).ToArray() : default,
        };
    }

    /// <summary>A text, or the JSON of what is none: partition keys come both ways.</summary>
    private static string? Text(JsonElement operation, string name) => operation.TryGetProperty(name, out var value)
        ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Null => null, _ => value.GetRawText() }
        : null;
}
