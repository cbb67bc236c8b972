using System.Text;
using Pipeline.CloudEvents;

namespace Pipeline.Tests;

/// <summary>JSON that not everybody reads alike is told with its path, wherever it comes in.</summary>
public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("""{"a":{"b":["x",{"c":"\ud800"}]}}""", "$.a.b[1].c: has half a surrogate pair in it")]
    [InlineData("""["\udc00\ud800"]""", "$[0]: has half a surrogate pair in it")]
    [InlineData("""["\ud800\u0041"]""", "$[0]: has half a surrogate pair in it")]
    [InlineData("""["\ud800\\udc00"]""", "$[0]: has half a surrogate pair in it")]
    [InlineData("""{"a":{"\uD83D":1}}""", @"$.a['\uD83D']: has half a surrogate pair in its name")]
    [InlineData("""{"a":[{"b":1,"c":2,"b":3}]}""", "$.a[0].b: is there twice")]
    [InlineData("""{"a":1,"\u0061":2}""", "$.a: is there twice")]
    [InlineData("""{"\ud83d\ude00":1,"x y":{"z":"\ud83d"}}""", "$['x y'].z: has half a surrogate pair in it")]
    [InlineData("""{"a":[1,2,}""", "$.a[1]: is not JSON (line 1, byte ")]
    [InlineData("""{"a":1e}""", "$.a: is not JSON (line 1, byte ")]
    [InlineData("", "$: is not JSON (line 1, byte 1)")]
    [InlineData("1 2", "$: is not JSON (line 1, byte ")]
    public void What_is_wrong_is_told_with_its_path(string json, string says) =>
        Assert.StartsWith(says, StrictJson.Check(Encoding.UTF8.GetBytes(json)).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"a":"\ud83d\ude00 \\ud800 \u00e9","b":{"a":1},"c":[{"a":1},{"a":2}],"d":1e999}""")]
    [InlineData("\"\\uD83D\\uDE00\"")]
    [InlineData("null")]
    public void What_everybody_reads_alike_is_all_right(string json) => Assert.Null(StrictJson.Check(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_told_with_their_path()
    {
        var json = Encoding.Latin1.GetBytes("{\"a\":[\"x\",\"\u00ff\"]}");
        Assert.Equal("$.a[1]: is not UTF-8", StrictJson.Check(json).ToString());
    }

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, "lies deeper than 64 levels")]
    [InlineData(100_000, "lies deeper than 64 levels")]
    public void Depth_is_bounded(int depth, string? says)
    {
        var fault = StrictJson.Check(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)));
        Assert.Equal(says, fault?.What);
    }
}
