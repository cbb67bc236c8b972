using Azure.Core.Pipeline;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using Pipeline.Payloads;

namespace Pipeline.Tests.Conformance;

/// <summary>
/// What the pipeline asks of blob storage: of Azurite, and of the account whose connection string is in the environment
/// variable <see cref="Setting"/>. There a container <c>conformance-…</c> is left over, empty.
/// </summary>
public sealed class BlobConformance : IClassFixture<AzuriteFixture>
{
    public const string Setting = "CONFORMANCE_BLOBS";

    [AzuriteFact]
    public Task Azurite() => EverythingAsync(null);

    [AccountFact]
    public Task Account_in_Azure() => EverythingAsync(Environment.GetEnvironmentVariable(Setting));

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class AccountFactAttribute : FactAttribute
    {
        public AccountFactAttribute() => Skip = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Setting)) ? $"{Setting} is not set." : null;
    }

    private static async Task EverythingAsync(string? connection)
    {
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions { Blobs = SharedAzurite.Service });
        using var http = new InProcessHttp(platform);
        var store = new BlobPayloadStore(
            () => BlobAccount.Of(connection ?? platform.BlobsConnectionString),
            new PayloadOptions { Container = connection is null ? SharedAzurite.NewContainer() : $"conformance-{Guid.NewGuid():n}" },
            new HttpClientTransport(http.CreateHandler()));

        // A container that does not exist is empty, and made by the first write.
        Assert.Empty((await store.ListAsync(null, null, default)).Items);
        var origin = new PayloadOrigin("ordering", "o-1 <&>%+\u00fc", 17, 16, "com.contoso.ordering.order-placed.v1", "o-1", "ordering:o-1:17", true);
        await store.PutAsync("b/1", "one"u8.ToArray(), origin, default);
        Assert.Equal("one"u8.ToArray(), (await store.GetAsync("b/1", default))!.Value.ToArray());
        Assert.Null(await store.GetAsync("b/none", default));

        // Overwriting changes the etag, and who deletes by the old one deletes nothing.
        var first = Assert.Single((await store.ListAsync("b/", null, default)).Items);
        Assert.Equal(origin, first.Origin);
        await store.PutAsync("b/1", "two"u8.ToArray(), origin, default);
        Assert.False(await store.DeleteAsync("b/1", first.ETag, default));
        Assert.Equal("two"u8.ToArray(), (await store.GetAsync("b/1", default))!.Value.ToArray());

        // More than a page, by name, each once.
        const int Count = 520;
        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) => await store.PutAsync(Invariant($"a/{i:d4}"), "x"u8.ToArray(), null, token));
        Assert.NotNull((await store.ListAsync(null, null, default)).Continuation);
        var names = await ListedAsync(store, null);
        Assert.Equal([.. Enumerable.Range(0, Count).Select(i => Invariant($"a/{i:d4}")), "b/1"], names.Select(p => p.Name));
        Assert.Equal(Count, (await ListedAsync(store, "a/")).Count);

        foreach (var payload in names)
            Assert.True(await store.DeleteAsync(payload.Name, payload.ETag, default));
        Assert.Empty(await ListedAsync(store, null));
        Assert.False(await store.DeleteAsync("b/1", names[^1].ETag, default));
    }

    private static async Task<List<StoredPayload>> ListedAsync(BlobPayloadStore store, string? prefix)
    {
        var all = new List<StoredPayload>();
        string? continuation = null;
        do
        {
            var page = await store.ListAsync(prefix, continuation, default);
            all.AddRange(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return all;
    }
}
