using System.Text.Json;

namespace Pipeline.Contracts;

/// <summary>A number in JSON that no <see cref="decimal"/> holds exactly. The serializer adds the path.</summary>
public sealed class InexactNumberException() : JsonException(Text)
{
    /// <summary>What is wrong, to go on after a path.</summary>
    public const string Text = "has more digits than can be kept exactly (28)";
}
