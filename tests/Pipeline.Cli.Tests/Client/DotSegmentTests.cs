using Pipeline.Cli;
using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Nothing that callers name becomes a segment of an address that leads elsewhere.</summary>
public sealed class DotSegmentTests
{
    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void Dot_segment_is_no_partition_and_no_part_of_an_address(string segment)
    {
        Assert.Contains("dot segment", Ids.PartitionError(segment), StringComparison.Ordinal);
        Assert.Contains($"'{segment}'", Assert.Throws<InvalidAddressException>(() => PipelineClient.Path("orders", segment)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("...")]
    [InlineData("..a")]
    [InlineData("a..")]
    [InlineData(".a")]
    public void Other_names_with_dots_are_fine(string name)
    {
        Assert.Null(Ids.PartitionError(name));
        Assert.Equal("api/orders/" + name, PipelineClient.Path("orders", name));
    }
}
