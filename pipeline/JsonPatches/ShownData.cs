using System.Text.Json.Nodes;

namespace Pipeline.JsonPatches;

/// <summary>Keeps what is shown of JSON within bounds: what is too large is replaced by its beginning and its size.</summary>
internal sealed class ShownData
{
    /// <summary>The largest single value that is shown whole, in characters of JSON.</summary>
    public const int MaxValue = 8 * 1024;

    /// <summary>All values of one view together.</summary>
    public const int MaxTotal = 2 * 1024 * 1024;

    private const int Beginning = 200;

    private int _left = MaxTotal;

    /// <summary>The value, or <c>{"truncated": …, "characters": …}</c> in its place.</summary>
    public JsonNode? Of(JsonNode? value)
    {
        if (value is null)
            return null;
        var text = value.ToJsonString();
        if (text.Length <= MaxValue && text.Length <= _left)
        {
            _left -= text.Length;
            return value.DeepClone();
        }

        return new JsonObject { ["truncated"] = text[..Math.Min(Beginning, text.Length)], ["characters"] = text.Length };
    }
}
