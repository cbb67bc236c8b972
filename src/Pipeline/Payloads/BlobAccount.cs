using Azure.Core;
using Azure.Storage.Blobs;

namespace Pipeline.Payloads;

/// <summary>Where blobs are kept, and what opens the door.</summary>
public sealed class BlobAccount
{
    private readonly Func<BlobClientOptions, BlobServiceClient> _open;

    private BlobAccount(Func<BlobClientOptions, BlobServiceClient> open) => _open = open;

    /// <summary>An account that is opened with an identity, which needs the role Storage Blob Data Contributor.</summary>
    /// <param name="serviceUri">Such as <c>https://myaccount.blob.core.windows.net</c>.</param>
    /// <param name="credential">The identity.</param>
    /// <exception cref="ArgumentException">It is no such address.</exception>
    public static BlobAccount Of(string serviceUri, TokenCredential credential) =>
        Uri.TryCreate(serviceUri?.TrimEnd('/'), UriKind.Absolute, out var endpoint) && endpoint.Scheme == Uri.UriSchemeHttps
            ? new BlobAccount(options => new BlobServiceClient(endpoint, credential, options))
            : throw new ArgumentException($"'{serviceUri}' is no address of a blob service, such as 'https://myaccount.blob.core.windows.net'.", nameof(serviceUri));

    /// <summary>An account that is opened with a key, as a storage connection string names it.</summary>
    /// <param name="connectionString"><c>UseDevelopmentStorage=true</c>, or one with <c>AccountName</c>, <c>AccountKey</c> and, if it is not in Azure, <c>BlobEndpoint</c>.</param>
    /// <exception cref="ArgumentException">It is no such connection string. The message never holds a part of it.</exception>
    public static BlobAccount Of(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        BlobServiceClient client;
        try
        {
            client = new BlobServiceClient(connectionString);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            // Not even as an inner exception: what is wrong is quoted there.
            throw Wrong("AccountName or AccountKey is missing, or is not what it should be");
        }

        // With a shared access signature the address of a payload, which goes into messages, would have the signature in it.
        if (!client.CanGenerateAccountSasUri)
            throw Wrong("AccountName or AccountKey is missing");
        if (client.Uri.Scheme != Uri.UriSchemeHttps && client.Uri.Scheme != Uri.UriSchemeHttp)
            throw Wrong("BlobEndpoint is no http address");
        if (new BlobUriBuilder(client.Uri).BlobContainerName.Length > 0)
            throw Wrong("the account can be in the path of BlobEndpoint only behind an IP address, or behind port 10000");
        return new BlobAccount(options => new BlobServiceClient(connectionString, options));
    }

    internal BlobContainerClient Container(string name, BlobClientOptions options) => _open(options).GetBlobContainerClient(name);

    private static ArgumentException Wrong(string what) =>
        new($"The connection string of the blob storage cannot be used: {what}. Use 'UseDevelopmentStorage=true', or one with AccountName, AccountKey and BlobEndpoint.");
}
