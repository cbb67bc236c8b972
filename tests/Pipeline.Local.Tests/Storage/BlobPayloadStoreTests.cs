using Azure.Core.Pipeline;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>The payload store against the real Azurite, over the same way out as the app's.</summary>
public sealed class BlobPayloadStoreTests : IClassFixture<AzuriteFixture>, IAsyncDisposable
{
    private static readonly PayloadOrigin Origin = new("ordering", "o-1", 17, 16, "com.contoso.ordering.order-placed.v1", "o-1", "ordering:o-1:17", true);

    private readonly LocalPlatform _platform = LocalPlatform.Open(new LocalPlatformOptions { Blobs = SharedAzurite.Service });
    private readonly InProcessHttp _http;
    private readonly PayloadOptions _options = new() { Container = SharedAzurite.NewContainer(), MaxPayloadBytes = 1024 };

    public BlobPayloadStoreTests() => _http = new InProcessHttp(_platform);

    [AzuriteFact]
    public async Task What_was_put_can_be_got_listed_and_deleted()
    {
        var store = Store();
        await store.PutAsync("ordering/o-1/1/a", "one"u8.ToArray(), Origin, default);
        await store.PutAsync("ordering/o-2/1/b", "two"u8.ToArray(), Origin with { Partition = "o-2 <&>%+\u00fc" }, default);
        await store.PutAsync("other/o-1/1/c", "three"u8.ToArray(), null, default);

        Assert.Equal("one", System.Text.Encoding.UTF8.GetString((await store.GetAsync("ordering/o-1/1/a", default))!.Value.Span));
        Assert.Null(await store.GetAsync("ordering/o-1/1/none", default));
        var listed = (await store.ListAsync("ordering/", null, default)).Items;
        Assert.Equal(["ordering/o-1/1/a", "ordering/o-2/1/b"], listed.Select(p => p.Name));
        Assert.Equal(Origin, listed[0].Origin);
        Assert.Equal("o-2 <&>%+\u00fc", listed[1].Origin!.Partition);
        Assert.InRange(listed[0].LastModified, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.Null((await store.ListAsync("other/", null, default)).Items.Single().Origin);

        Assert.True(await store.DeleteAsync(listed[0].Name, listed[0].ETag, default));
        Assert.False(await store.DeleteAsync(listed[0].Name, listed[0].ETag, default));
        Assert.Null(await store.GetAsync(listed[0].Name, default));
    }

    [AzuriteFact]
    public async Task One_that_was_written_again_since_it_was_listed_is_not_deleted()
    {
        var store = Store();
        await store.PutAsync("ordering/o-1/1/a", "one"u8.ToArray(), Origin, default);
        var listed = (await store.ListAsync(null, null, default)).Items.Single();
        await store.PutAsync("ordering/o-1/1/a", "one"u8.ToArray(), Origin, default);
        Assert.False(await store.DeleteAsync(listed.Name, listed.ETag, default));
        Assert.NotNull(await store.GetAsync(listed.Name, default));
    }

    [AzuriteFact]
    public async Task One_larger_than_any_of_ours_is_not_read()
    {
        var store = Store();
        await store.PutAsync("a", new byte[1024], null, default);
        Assert.Equal(1024, (await store.GetAsync("a", default))!.Value.Length);
        await store.PutAsync("b", new byte[1025], null, default);
        await Assert.ThrowsAsync<InvalidDataException>(() => store.GetAsync("b", default));
    }

    [AzuriteFact]
    public async Task A_wrong_key_is_a_store_out_of_reach_and_the_message_keeps_the_key_to_itself()
    {
        var key = Convert.ToBase64String(new byte[64]);
        var store = Store($"AccountName=devstoreaccount1;AccountKey={key};BlobEndpoint={SharedAzurite.Service.Connection.Endpoint}");
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.PutAsync("a", "1"u8.ToArray(), null, default));
        Assert.Contains("403", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, error.ToString(), StringComparison.Ordinal);
    }

    [AzuriteFact]
    public async Task Without_a_container_nothing_is_listed_and_a_read_says_what_is_wrong()
    {
        var store = Store();
        Assert.Empty((await store.ListAsync(null, null, default)).Items);
        await store.PutAsync("a", "1"u8.ToArray(), null, default);
        Assert.Null(await store.GetAsync("b", default));
    }

    [Theory]
    [InlineData("http://blobs.tests.local:10000/devstoreaccount1/CONTAINER/ordering/o-1/1/a", "ordering/o-1/1/a")]
    [InlineData("http://blobs.tests.local:10000/devstoreaccount1/CONTAINER", null)]
    [InlineData("http://blobs.tests.local:10000/devstoreaccount1/CONTAINER/", null)]
    [InlineData("http://blobs.tests.local:10000/devstoreaccount1/CONTAINERx/a", null)]
    [InlineData("http://blobs.tests.local:10000/devstoreaccount1/CONTAINER/../secrets/a", null)]
    [InlineData("http://blobs.tests.local:10000/devstoreaccount1/CONTAINER/a?sig=1", null)]
    [InlineData("http://blobs.tests.local:10000/devstoreaccount1/CONTAINER/a%2F..", null)]
    [InlineData("http://169.254.169.254/metadata/instance", null)]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("ordering/o-1/1/a", null)]
    public void Only_addresses_in_our_own_container_have_a_name(string address, string? name) =>
        Assert.Equal(name, Store().NameOf(address.Replace("CONTAINER", _options.Container, StringComparison.Ordinal)));

    [Theory]
    [InlineData("http://127.0.0.1:1234/devstoreaccount1/CONTAINER/ordering/o-1/1/a", "ordering/o-1/1/a")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/CONTAINER/ordering/o-1/1/a", "ordering/o-1/1/a")]
    [InlineData("http://127.0.0.1:10000@example.com/devstoreaccount1/CONTAINER/a", null)]
    [InlineData("http://127.0.0.1:1234/other/CONTAINER/a", null)]
    [InlineData("http://127.0.0.1/devstoreaccount1/CONTAINER/a", null)]
    [InlineData("http://127.0.0.2:10000/devstoreaccount1/CONTAINER/a", null)]
    public void On_this_machine_the_port_may_be_another(string address, string? name) =>
        Assert.Equal(name, Store("UseDevelopmentStorage=true").NameOf(address.Replace("CONTAINER", _options.Container, StringComparison.Ordinal)));

    [Theory]
    [InlineData("AccountName=a")]
    [InlineData("AccountName=a;AccountKey=not base64")]
    [InlineData("AccountName=a;AccountKey=YQ==;BlobEndpoint=ftp://x")]
    [InlineData("AccountName=a;AccountKey=YQ==;BlobEndpoint=http://localhost:9000/a")]
    [InlineData("BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=1&sig=not base64;")]
    [InlineData("no connection string")]
    public async Task A_connection_string_that_cannot_be_used_is_told_without_quoting_it(string text)
    {
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => Store(text).GetAsync("a", default));
        Assert.Contains("connection string", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not base64;", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_needs_no_escaping_whatever_the_partition_is_called()
    {
        var name = ClaimCheck.NameOf(Origin with { Partition = "..%2e\"<+" }, "x"u8);
        Assert.Matches("^ordering/[A-Za-z0-9_~-]+/[0-9]{19}/[0-9a-f]{64}$", name);
        Assert.Equal(name, Store().NameOf(Store().AddressOf(name)));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _platform.DisposeAsync();
    }

    private BlobPayloadStore Store(string? connection = null) => new(
        () => BlobAccount.Of(connection ?? _platform.BlobsConnectionString),
        _options,
        new HttpClientTransport(_http.CreateHandler()));
}
