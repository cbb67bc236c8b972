using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Pipeline.Local.Storage;

namespace Pipeline.Tests.Hosting;

/// <summary>Where an app in another process finds blobs.</summary>
public sealed class BlobFrontTests : IClassFixture<AzuriteFixture>
{
    [AzuriteFact]
    public async Task App_finds_blobs_by_its_setting_whatever_their_names_and_sizes()
    {
        await using var host = await ChildHost.StartAsync("--Local:Functions=Plain", "--Local:Azurite=auto", "--Local:BlobPort=0");
        var blobs = new BlobServiceClient(host.Setting("Blobs"), new BlobClientOptions(BlobService.Version));
        var container = blobs.GetBlobContainerClient("front");
        await container.CreateAsync();
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        foreach (var name in (string[])["plain", "a b/ü%41~(1).json"])
        {
            await container.GetBlobClient(name).UploadAsync(new BinaryData(content));
            Assert.Equal(content, (await container.GetBlobClient(name).DownloadContentAsync()).Value.Content.ToArray());
        }

        Assert.Equal(2, await container.GetBlobsAsync().CountAsync());
    }

    [Theory]
    [InlineData("AccountName=a;AccountKey=YQ==;BlobEndpoint=http://192.0.2.1:10000/a")]
    [InlineData("AccountName=a;AccountKey=YQ==;BlobEndpoint=https://a.blob.core.windows.net")]
    public async Task Blobs_elsewhere_are_left_alone(string connection)
    {
        await using var host = await ChildHost.StartAsync("--Local:Functions=Plain", "--Local:Azurite=auto", $"--Blobs={connection}");
        Assert.Equal(connection, host.Setting("Blobs"));
        Assert.False(host.Platform.Blobs.IsFor(host.Platform.Blobs.Connection.Endpoint));
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=true", "devstoreaccount1", "http://127.0.0.1:7/devstoreaccount1")]
    [InlineData("DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://localhost:10000/a;QueueEndpoint=http://localhost:10001/a", "a", "http://127.0.0.1:7/a")]
    public void Connection_keeps_account_and_key_behind_another_port(string text, string account, string endpoint)
    {
        var moved = BlobConnection.Parse(text)!.At(7);
        var client = new BlobServiceClient(moved.Text);
        Assert.Equal((account, new Uri(endpoint)), (client.AccountName, client.Uri));
        Assert.True(client.CanGenerateAccountSasUri);
    }
}
