using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.CloudEvents;

namespace Pipeline.JsonPatches;

/// <summary>Keeps what is shown of JSON within bounds: what is too large is replaced by its beginning and its size.</summary>
internal sealed class ShownData
{
    /// <summary>The largest single value that is shown whole, in characters of JSON.</summary>
    public const int MaxValue = 8 * 1024;

    /// <summary>All values of one view together.</summary>
    public const int MaxTotal = 2 * 1024 * 1024;

    /// <summary>The deepest value that is shown whole. A view has levels of its own, and readers have limits.</summary>
    public const int MaxDepth = 32;

    private const int Beginning = 200;

    private int _left = MaxTotal;

    /// <summary>The value, or <c>{"truncated": …, "characters": …}</c> in its place.</summary>
    public JsonNode? Of(JsonNode? value)
    {
        if (value is null)
            return null;
        var text = value.ToJsonString();
        if (text.Length <= MaxValue && text.Length <= _left && !IsTooDeep(text))
        {
            _left -= text.Length;
            return value.DeepClone();
        }

        return new JsonObject { ["truncated"] = ShownText.Of(text, Beginning), ["characters"] = text.Length };
    }

    private static bool IsTooDeep(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        while (reader.Read())
        {
            if (reader.CurrentDepth > MaxDepth)
                return true;
        }

        return false;
    }
}
