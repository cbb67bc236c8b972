using System.Text.Json;

namespace Pipeline.Tests.Deployment;

/// <summary>A resource of a snapshot.</summary>
internal sealed record DeployedResource(JsonElement Json)
{
    public string Id => this["id"]!;

    public string Type => this["type"]!;

    /// <summary>Its name with those of its parents, as <c>namespace/topic/subscription</c>.</summary>
    public string Name => this["name"]!;

    /// <summary>Its name below the outermost parent, which is named after the environment.</summary>
    public string Path => Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The value at a path, such as <c>properties.sku.name</c>: a text as it is, anything else as JSON; null if there is none.</summary>
    public string? this[string path] => At(path) is not { ValueKind: not JsonValueKind.Null } value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();

    /// <summary>The value at a path, or null if there is none.</summary>
    public JsonElement? At(string path)
    {
        var value = Json;
        foreach (var name in path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                return null;
        }

        return value;
    }

    /// <summary>The elements of the array at a path.</summary>
    public IReadOnlyList<JsonElement> List(string path) => At(path) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];

    public override string ToString() => Id;
}
