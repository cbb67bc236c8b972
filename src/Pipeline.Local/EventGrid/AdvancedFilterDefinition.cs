using System.Text.Json;

namespace Pipeline.Local.EventGrid;

/// <summary>One advanced filter, as Azure Resource Manager writes it.</summary>
internal sealed record AdvancedFilterDefinition
{
    /// <summary>An attribute's name, or <c>data.NAME</c> for a top-level property of the data.</summary>
    public required string Key { get; init; }

    public required string OperatorType { get; init; }

    /// <summary>For operators with several values, of which one has to match.</summary>
    public JsonElement? Values { get; init; }

    /// <summary>For operators with one value.</summary>
    public JsonElement? Value { get; init; }
}
