using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Diagnostics;
using Pipeline.Storage;

namespace Pipeline.Payloads;

/// <summary>
/// Payloads as blobs of one container. Retries are the SDK's; what still fails means that the store is unavailable, which is
/// never a message's fault.
/// </summary>
public sealed class BlobPayloadStore : IPayloadStore
{
    /// <summary>The newest version of the service that the Azurite of <c>local/Storage</c> takes.</summary>
    private const BlobClientOptions.ServiceVersion Version = BlobClientOptions.ServiceVersion.V2025_11_05;

    private const int PageSize = 500;

    private readonly Func<BlobAccount> _account;
    private readonly PayloadOptions _options;
    private readonly HttpPipelineTransport _transport;
    private readonly Lock _gate = new();

    private BlobContainerClient? _container;

    /// <summary>Creates the store; nothing is read or connected before the first use.</summary>
    /// <param name="account">Reads the configuration. What it throws is what every use fails with.</param>
    /// <param name="options">Container and limits.</param>
    /// <param name="transport">Sends the requests.</param>
    public BlobPayloadStore(Func<BlobAccount> account, PayloadOptions options, HttpPipelineTransport transport)
    {
        _account = account;
        _options = options;
        _transport = transport;
    }

    /// <inheritdoc/>
    public string AddressOf(string name) => $"{Open().Uri.AbsoluteUri}/{name}";

    /// <inheritdoc/>
    public string? NameOf(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var container = Open().Uri;

        // Of storage on this machine the port may be another after a restart.
        var isHere = container is { IsLoopback: true, IsDefaultPort: false };
        var place = isHere ? $"{container.Scheme}://{container.Host}:" : container.GetLeftPart(UriPartial.Authority);
        if (!address.StartsWith(place, StringComparison.Ordinal))
            return null;
        var path = isHere ? address[place.Length..].TrimStart([.. "0123456789"]) : address[place.Length..];
        var folder = container.AbsolutePath + "/";
        if (path.Length <= folder.Length || !path.StartsWith(folder, StringComparison.Ordinal))
            return null;

        // Only what we could have named: no dots, no escapes, no query, nothing that an address would read in another way.
        var name = path[folder.Length..];
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '~' or '/') ? name : null;
    }

    /// <inheritdoc/>
    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, PayloadOrigin? origin, CancellationToken cancellationToken)
    {
        await RunAsync(
            "PUT",
            async container =>
            {
                var blob = container.GetBlobClient(name);
                var data = BinaryData.FromBytes(content);
                var options = new BlobUploadOptions
                {
                    HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
                    Metadata = PayloadMetadata.Of(origin),
                };
                try
                {
                    return await blob.UploadAsync(data, options, cancellationToken);
                }
                catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
                {
                    await CreateContainerAsync(container, cancellationToken);
                    return await blob.UploadAsync(data, options, cancellationToken);
                }
            },
            cancellationToken);
        if (origin is not null)
            Telemetry.PayloadsStored.Add(1, new KeyValuePair<string, object?>("type", origin.Type));
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) => RunAsync<ReadOnlyMemory<byte>?>(
        "GET",
        async container =>
        {
            try
            {
                // Never more than a payload can have, whatever is stored there.
                var range = new HttpRange(0, _options.MaxPayloadBytes + 1L);
                var response = await container.GetBlobClient(name).DownloadContentAsync(new BlobDownloadOptions { Range = range }, cancellationToken);
                var content = response.Value.Content.ToMemory();
                return content.Length <= _options.MaxPayloadBytes
                    ? content
                    : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                        $"The payload has more than {_options.MaxPayloadBytes} bytes."));
            }
            catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound)
            {
                return null;
            }
            catch (RequestFailedException e) when (e.Status == 416)
            {
                return ReadOnlyMemory<byte>.Empty; // There is no first byte.
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string name, string etag, CancellationToken cancellationToken) => RunAsync(
        "DELETE",
        async container =>
        {
            try
            {
                var conditions = new BlobRequestConditions { IfMatch = new ETag(etag) };
                await container.GetBlobClient(name).DeleteAsync(conditions: conditions, cancellationToken: cancellationToken);
                return true;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412)
            {
                return false;
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<PayloadPage> ListAsync(string? prefix, string? continuation, CancellationToken cancellationToken) => RunAsync(
        "list",
        async container =>
        {
            try
            {
                var blobs = container.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix }, cancellationToken);
                await foreach (var page in blobs.AsPages(continuation, PageSize))
                {
                    return new PayloadPage(
                        [.. page.Values.Select(PayloadMetadata.Read)],
                        page.ContinuationToken is { Length: > 0 } next ? next : null);
                }

                return new PayloadPage([], null);
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                return new PayloadPage([], null);
            }
        },
        cancellationToken);

    /// <summary>There, or made by another operator meanwhile, is fine; who may not create one needs one made for him.</summary>
    private static async Task CreateContainerAsync(BlobContainerClient container, CancellationToken cancellationToken)
    {
        try
        {
            await container.CreateAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 403 or 409)
        {
            // What then fails is the write, which says why.
        }
    }

    private async Task<T> RunAsync<T>(string operation, Func<BlobContainerClient, Task<T>> run, CancellationToken cancellationToken)
    {
        var container = Open();
        try
        {
            return await run(container);
        }
        catch (RequestFailedException e) when (e.Status != 0)
        {
            throw Failure(e, operation, container);
        }
        catch (Exception e) when (e is not InvalidDataException && !cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, no access token or no Node.js for the local storage, say: nothing can be stored or read now.
            throw new StoreUnavailableException($"The payload store is unavailable: {e.Message}", e);
        }
    }

    private BlobContainerClient Open()
    {
        lock (_gate)
        {
            if (_container is not null)
                return _container;
            try
            {
                var options = new BlobClientOptions(Version)
                {
                    Transport = _transport,
                    Retry = { MaxRetries = 3, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(5) },
                };
                return _container = _account().Container(_options.Container, options);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                throw new StoreUnavailableException(e.Message, e);
            }
        }
    }

    private static StoreUnavailableException Failure(RequestFailedException error, string operation, BlobContainerClient container)
    {
        var advice = error.ErrorCode == BlobErrorCode.ContainerNotFound
            ? $" The container '{container.Uri}' does not exist: create it, or check the setting 'Blobs'."
            : error.Status is 401 or 403 ? " Check the key, or give the identity the role Storage Blob Data Contributor."
            : error.Status == 503 ? " " + error.Message.Split('\n')[0].Trim() : "";
        return new StoreUnavailableException(
            string.Create(CultureInfo.InvariantCulture, $"The payload store answered {error.Status} ({error.ErrorCode}) to a {operation}.{advice}"), error);
    }
}
