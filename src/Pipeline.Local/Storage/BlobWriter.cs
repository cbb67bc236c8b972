using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Pipeline.Local.Storage;

/// <summary>Writes blobs for the embedded services themselves. Creates the container that is missing.</summary>
internal sealed class BlobWriter : IDisposable
{
    private readonly HttpClient _http;
    private readonly BlobServiceClient _client;

    public BlobWriter(BlobService blobs)
    {
        _http = new HttpClient(new BlobHandler(blobs, new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) }));
        _client = new BlobServiceClient(
            blobs.Connection.Text, new BlobClientOptions(BlobService.Version) { Transport = new HttpClientTransport(_http), Retry = { MaxRetries = 0 } });
    }

    /// <summary>Writes a blob, over one that is there. Tries once: who asks tries again, later.</summary>
    /// <param name="container">Name of the container, as Azure allows it: 3 to 63 lower-case letters, digits and single hyphens.</param>
    /// <param name="name">Name of the blob; '/' separates folders.</param>
    /// <param name="content">What it is to hold.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="BlobsUnavailableException">The blob service cannot be started.</exception>
    /// <exception cref="HttpRequestException">It did not answer, or refused.</exception>
    public async Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(container, name, content, cancellationToken);
        }
        catch (RequestFailedException e)
        {
            // Shorter than the SDK says it, and without the id of the request: the same failure has the same text.
            throw new HttpRequestException(
                e.Status == 0
                    ? $"The blob service did not answer: {e.Message}"
                    : string.Create(CultureInfo.InvariantCulture, $"The blob service answered {e.Status} ({e.ErrorCode}) to a write into '{container}'."),
                e);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task WriteAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var target = _client.GetBlobContainerClient(container);
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } };
        try
        {
            await target.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(content), options, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await target.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await target.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(content), options, cancellationToken);
        }
    }
}
