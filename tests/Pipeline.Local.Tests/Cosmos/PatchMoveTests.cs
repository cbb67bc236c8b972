using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

public sealed class PatchMoveTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("/a", "/b", """{"list":[1,2,3],"o":{"x":1},"b":1}""")]
    [InlineData("/a", "/o/a", """{"list":[1,2,3],"o":{"x":1,"a":1}}""")]
    [InlineData("/o/x", "/a", """{"a":1,"list":[1,2,3],"o":{}}""")]
    [InlineData("/o", "/list/0", """{"a":1,"list":[{"x":1},1,2,3]}""")]
    [InlineData("/list/0", "/list/2", """{"a":1,"list":[2,3,1],"o":{"x":1}}""")]
    [InlineData("/list/1", "/list/-", """{"a":1,"list":[1,3,2],"o":{"x":1}}""")]
    [InlineData("/a", "/a", """{"list":[1,2,3],"o":{"x":1},"a":1}""")]
    public async Task Value_is_moved(string from, string to, string expected)
    {
        await CreateAsync();
        var patched = (await _cosmos.Items.PatchItemAsync<JObject>("1", P, [PatchOperation.Move(from, to)])).Resource;
        foreach (var name in new[] { "id", "pk", "_rid", "_self", "_etag", "_ts", "_attachments", "_lsn" })
            patched.Remove(name);
        Assert.True(JToken.DeepEquals(JObject.Parse(expected), patched), patched.ToString(Formatting.None));
    }

    [Theory]
    [InlineData("/nope", "/b", "does not exist")]
    [InlineData("/o/nope", "/b", "does not exist")]
    [InlineData("/a", "/nope/b", "no parent")]
    [InlineData("/o", "/o/x/y", "into itself")]
    [InlineData("/list/9", "/b", "no place")]
    [InlineData("/id", "/b", "id")]
    public async Task Move_that_cannot_be_changes_nothing(string from, string to, string because)
    {
        await CreateAsync();
        var failure = await Assert.ThrowsAsync<CosmosException>(() => _cosmos.Items.PatchItemAsync<JObject>("1", P, [PatchOperation.Set("/a", 2), PatchOperation.Move(from, to)]));
        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
        Assert.Contains(because, failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, (int)(await _cosmos.Items.ReadItemAsync<JObject>("1", P)).Resource["a"]!);
    }

    [Fact]
    public async Task Condition_of_a_patch_speaks_the_whole_language()
    {
        await CreateAsync();
        Task<ItemResponse<JObject>> SetIf(string condition) => _cosmos.Items.PatchItemAsync<JObject>(
            "1", P, [PatchOperation.Set("/b", 1)], new PatchItemRequestOptions { FilterPredicate = condition });
        await SetIf("FROM c WHERE c.a + 1 = 2 AND EXISTS(SELECT VALUE x FROM x IN c.list WHERE x = 3)");
        await SetIf("FROM c WHERE c.o != null AND GetCurrentTimestamp() > 1500000000000");
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Assert.ThrowsAsync<CosmosException>(() => SetIf("FROM c WHERE c.a > 1"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<CosmosException>(() => SetIf("FROM c JOIN x IN c.list WHERE x = 1"))).StatusCode);
    }

    private Task CreateAsync() => _cosmos.CreateAsync("p", "1", more: new { a = 1, list = new[] { 1, 2, 3 }, o = new { x = 1 } });
}
