using System.Net;
using System.Net.Http.Headers;

namespace Pipeline.Local.Storage;

/// <summary>Writes blobs for the embedded services themselves. Creates the container that is missing.</summary>
internal sealed class BlobWriter(BlobService blobs, TimeProvider clock) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) });

    /// <summary>Writes a blob, over one that is there.</summary>
    /// <param name="container">Name of the container, as Azure allows it: 3 to 63 lower-case letters, digits and single hyphens.</param>
    /// <param name="name">Name of the blob; '/' separates folders.</param>
    /// <param name="content">What it is to hold.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="BlobsUnavailableException">The blob service cannot be started.</exception>
    /// <exception cref="HttpRequestException">It did not answer, or refused.</exception>
    public async Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        if (await PutBlobAsync($"{container}/{path}", content, cancellationToken) != HttpStatusCode.NotFound)
            return;
        await SendAsync($"{container}?restype=container", null, HttpStatusCode.Conflict, cancellationToken);
        if (await PutBlobAsync($"{container}/{path}", content, cancellationToken) == HttpStatusCode.NotFound)
            throw new HttpRequestException($"The container '{container}' was created, but is not there.");
    }

    public void Dispose() => _http.Dispose();

    private Task<HttpStatusCode> PutBlobAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var body = new ReadOnlyMemoryContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(path, body, HttpStatusCode.NotFound, cancellationToken);
    }

    private async Task<HttpStatusCode> SendAsync(string path, HttpContent? body, HttpStatusCode tolerated, CancellationToken cancellationToken)
    {
        var address = await blobs.EnsureStartedAsync(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(address, $"{blobs.Connection.Endpoint.AbsolutePath}/{path}")) { Content = body };
        if (body is not null)
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
        blobs.Connection.Sign(request, clock.GetUtcNow());
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode && response.StatusCode != tolerated)
        {
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException(
                string.Create(CultureInfo.InvariantCulture, $"The blob service answered {(int)response.StatusCode} to PUT {path}: {answer}"),
                null,
                response.StatusCode);
        }

        return response.StatusCode;
    }
}
