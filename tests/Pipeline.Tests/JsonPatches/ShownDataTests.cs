using System.Text.Json.Nodes;
using Pipeline.JsonPatches;

namespace Pipeline.Tests;

/// <summary>What is shown of a message fits every reader.</summary>
public sealed class ShownDataTests
{
    [Theory]
    [InlineData(32, false)]
    [InlineData(33, true)]
    [InlineData(62, true)]
    public void What_is_too_deep_to_be_shown_within_a_view_is_shown_by_its_beginning(int depth, bool isTruncated)
    {
        var value = JsonNode.Parse(string.Concat(Enumerable.Repeat("[", depth - 1)) + "[1]" + new string(']', depth - 1));
        Assert.Equal(isTruncated, new ShownData().Of(value) is JsonObject);
    }
}
