using System.Text;
using System.Text.Json;
using Pipeline.CloudEvents;

namespace Pipeline.Tests;

/// <summary>Batches are taken apart in one pass, however deep, and only what is no array as a whole hides its events.</summary>
public sealed class EventBatchTests
{
    [Theory]
    [InlineData("[]", "")]
    [InlineData(" [ {\"a\":[1]} , \"\\ud83d\",7,null ] ", "{\"a\":[1]}|\"\\ud83d\"|7|null")]
    [InlineData("[[1],[]]", "[1]|[]")]
    public void Events_are_handed_on_as_they_are(string json, string expected) =>
        Assert.Equal(expected, string.Join('|', EventBatch.Split(Encoding.UTF8.GetBytes(json), 10).Select(e => Encoding.UTF8.GetString(e.Span))));

    [Fact]
    public void No_more_are_returned_than_are_asked_for() => Assert.Equal(3, EventBatch.Split("[1,2,3,4,5]"u8.ToArray(), 3).Count);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1,]")]
    [InlineData("[1")]
    [InlineData("[1] 2")]
    [InlineData("[{\"a\"}]")]
    public void What_is_no_array_is_told(string json) =>
        Assert.ThrowsAny<JsonException>(() => EventBatch.Split(Encoding.UTF8.GetBytes(json), 10));

    [Fact]
    public void The_deepest_event_that_fits_a_request_is_told_as_too_deep()
    {
        const int Depth = 500_000;
        var json = Assert.Single(EventBatch.Split(Encoding.UTF8.GetBytes("[" + new string('[', Depth) + new string(']', Depth) + "]"), 10));
        Assert.Null(ReceivedEvent.Read(json, out var fault));
        Assert.Equal((EventFaultKind.NotJson, "lies deeper than 63 levels"), (fault.Kind, fault.What));
    }
}
