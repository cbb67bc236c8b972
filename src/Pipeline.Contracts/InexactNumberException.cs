using System.Text.Json;

namespace Pipeline.Contracts;

/// <summary>A number in JSON that a <see cref="decimal"/> cannot hold exactly. The serializer adds the path.</summary>
public sealed class InexactNumberException() : JsonException(Text)
{
    /// <summary>The error text; it follows a path.</summary>
    public const string Text = "has more digits than can be kept exactly (28)";
}
