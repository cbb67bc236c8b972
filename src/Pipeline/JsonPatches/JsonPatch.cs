using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.CloudEvents;

namespace Pipeline.JsonPatches;

/// <summary>A JSON Patch (RFC 6902): operations that are applied to a document in sequence, all of them or none.</summary>
public sealed class JsonPatch
{
    /// <summary>The most operations of a patch.</summary>
    public const int MaxOperations = 200;

    /// <summary>The largest document that a patch may make, in bytes. Copies of copies grow fast.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The deepest document that a patch may make; what is deeper is not read elsewhere either.</summary>
    public const int MaxDepth = ReceivedEvent.MaxDataDepth;

    private readonly IReadOnlyList<JsonPatchOperation> _operations;

    private JsonPatch(IReadOnlyList<JsonPatchOperation> operations) => _operations = operations;

    /// <summary>Reads a patch document (section 3).</summary>
    /// <exception cref="JsonPatchException">It is no JSON Patch; the message says why and where.</exception>
    public static JsonPatch Parse(ReadOnlyMemory<byte> utf8)
    {
        // A member that is there twice makes an operation ambiguous (appendix A.13).
        if (StrictJson.Check(utf8) is { } fault)
            throw new JsonPatchException($"The patch cannot be read: {fault}.");
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
            throw new JsonPatchException($"A JSON Patch is an array of operations (RFC 6902), not {JsonPatchReader.NameOf(root.ValueKind)}.");
        if (root.GetArrayLength() > MaxOperations)
            throw new JsonPatchException(string.Create(CultureInfo.InvariantCulture, $"The patch has {root.GetArrayLength()} operations; at most {MaxOperations} are allowed."));
        return new JsonPatch([.. root.EnumerateArray().Select(JsonPatchReader.Read)]);
    }

    /// <summary>Applies the patch.</summary>
    /// <param name="document">The document; it stays as it is. <see langword="null"/> is the JSON value null.</param>
    /// <returns>The patched document.</returns>
    /// <exception cref="JsonPatchException">An operation fails; the message says which one and why.</exception>
    public JsonNode? Apply(JsonNode? document)
    {
        var result = document?.DeepClone();
        for (var i = 0; i < _operations.Count; i++)
        {
            try
            {
                result = _operations[i].Apply(result);
                ThrowIfTooLarge(result);
            }
            catch (JsonPatchException e)
            {
                throw new JsonPatchException(e.Message, i);
            }
        }

        return result;
    }

    private static void ThrowIfTooLarge(JsonNode? document)
    {
        if (document is null)
            return;
        var size = new CountingWriter();
        try
        {
            using var writer = new Utf8JsonWriter(size, new JsonWriterOptions { MaxDepth = MaxDepth });
            document.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            throw new JsonPatchException(string.Create(CultureInfo.InvariantCulture, $"the document becomes deeper than {MaxDepth}."));
        }

        if (size.Written > MaxBytes)
            throw new JsonPatchException(string.Create(CultureInfo.InvariantCulture,
                $"the document grows to {size.Written} bytes; at most {MaxBytes} are allowed."));
    }

    /// <summary>Counts what is written and keeps nothing.</summary>
    private sealed class CountingWriter : System.Buffers.IBufferWriter<byte>
    {
        private byte[] _buffer = new byte[4096];

        public long Written { get; private set; }

        public void Advance(int count) => Written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (sizeHint > _buffer.Length)
                _buffer = new byte[sizeHint];
            return _buffer;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
