using System.Text.Json;

namespace Pipeline.Storage;

/// <summary>One page of a change feed.</summary>
/// <param name="Document">The response, which its owner disposes; <see langword="null"/> when nothing is new.</param>
/// <param name="Continuation">Where to continue, now or later.</param>
internal readonly record struct FeedPage(JsonDocument? Document, string Continuation)
{
    public IEnumerable<JsonElement> Items => Document is null ? [] : Document.RootElement.GetProperty("Documents").EnumerateArray();
}
