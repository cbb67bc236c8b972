using System.Text.Json;

namespace Pipeline.Storage;

/// <summary>One page of a query.</summary>
/// <param name="Document">The response; its owner disposes it.</param>
/// <param name="Continuation">Where the next page starts; <see langword="null"/> behind the last one.</param>
internal readonly record struct QueryPage(JsonDocument Document, string? Continuation)
{
    public JsonElement.ArrayEnumerator Items => Document.RootElement.GetProperty("Documents").EnumerateArray();
}
