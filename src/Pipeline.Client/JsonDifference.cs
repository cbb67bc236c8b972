using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>One place where two JSON documents differ.</summary>
/// <param name="Path">JSON Pointer (RFC 6901) to the place; empty for the whole document.</param>
/// <param name="Kind"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
/// <param name="Old">The value before; <see langword="null"/> for null, and where there was none.</param>
/// <param name="New">The value after; <see langword="null"/> for null, and where there is none.</param>
public sealed record JsonDifference(
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("old")] JsonNode? Old,
    [property: JsonPropertyName("new")] JsonNode? New);
