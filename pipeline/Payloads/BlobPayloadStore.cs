using System.Globalization;
using System.Xml.Linq;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Pipeline.Partitions;

namespace Pipeline.Payloads;

/// <summary>
/// Payloads as blobs of one container, by the Blob service's REST API. Retries are Azure.Core's; what still fails means
/// that the store is out of reach, which is never a message's fault.
/// </summary>
public sealed class BlobPayloadStore : IPayloadStore
{
    private const string Version = "2021-12-02";
    private const int PageSize = 500;

    private readonly Func<BlobAccount> _account;
    private readonly PayloadOptions _options;
    private readonly HttpPipelineTransport _transport;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();

    private (HttpPipeline Pipeline, string Container)? _opened;

    /// <summary>Creates the store; nothing is read or connected before the first use.</summary>
    /// <param name="account">Reads the configuration. What it throws is what every use fails with.</param>
    /// <param name="options">Container and limits.</param>
    /// <param name="transport">Sends the requests.</param>
    /// <param name="clock">Dates the signatures.</param>
    public BlobPayloadStore(Func<BlobAccount> account, PayloadOptions options, HttpPipelineTransport transport, TimeProvider clock)
    {
        _account = account;
        _options = options;
        _transport = transport;
        _clock = clock;
    }

    /// <inheritdoc/>
    public string AddressOf(string name) => $"{Open().Container}/{name}";

    /// <inheritdoc/>
    public string? NameOf(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var container = Open().Container;
        if (address.Length <= container.Length + 1 || !address.StartsWith(container, StringComparison.Ordinal) || address[container.Length] != '/')
            return null;

        // Only what we could have named: no dots, no escapes, no query, nothing that an address would read in another way.
        var name = address[(container.Length + 1)..];
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '~' or '/') ? name : null;
    }

    /// <inheritdoc/>
    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, PayloadOrigin? origin, CancellationToken cancellationToken)
    {
        Action<Request> build = request =>
        {
            request.Method = RequestMethod.Put;
            request.Uri.Reset(new Uri(AddressOf(name)));
            request.Headers.SetValue("x-ms-blob-type", "BlockBlob");
            request.Headers.SetValue("Content-Type", "application/json");
            foreach (var (key, value) in PayloadMetadata.Of(origin))
                request.Headers.SetValue("x-ms-meta-" + key, value);
            request.Content = RequestContent.Create(content);
        };
        using var first = await SendAsync(build, cancellationToken);
        if (first.Status == 201)
            return;
        if (!IsMissingContainer(first))
            throw Failure(first, "PUT");
        await CreateContainerAsync(cancellationToken);
        using var second = await SendAsync(build, cancellationToken);
        if (second.Status != 201)
            throw Failure(second, "PUT");
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            request =>
            {
                request.Method = RequestMethod.Get;
                request.Uri.Reset(new Uri(AddressOf(name)));

                // Never more than a payload can have, whoever put it there.
                request.Headers.SetValue("x-ms-range", string.Create(CultureInfo.InvariantCulture, $"bytes=0-{_options.MaxPayloadBytes}"));
            },
            cancellationToken);
        switch (response.Status)
        {
            case 404 when !IsMissingContainer(response):
                return null;
            case 416:
                return ReadOnlyMemory<byte>.Empty;
            case not (200 or 206):
                throw Failure(response, "GET");
        }

        var content = response.Content.ToMemory();
        return content.Length <= _options.MaxPayloadBytes
            ? content
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The payload has more than {_options.MaxPayloadBytes} bytes."));
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string name, string etag, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            request =>
            {
                request.Method = RequestMethod.Delete;
                request.Uri.Reset(new Uri(AddressOf(name)));
                request.Headers.SetValue("If-Match", etag);
            },
            cancellationToken);
        return response.Status switch
        {
            202 => true,
            404 or 412 => false,
            _ => throw Failure(response, "DELETE"),
        };
    }

    /// <inheritdoc/>
    public async Task<PayloadPage> ListAsync(string? prefix, string? continuation, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            request =>
            {
                request.Method = RequestMethod.Get;
                request.Uri.Reset(new Uri(Open().Container));
                request.Uri.AppendQuery("restype", "container");
                request.Uri.AppendQuery("comp", "list");
                request.Uri.AppendQuery("include", "metadata");
                request.Uri.AppendQuery("maxresults", PageSize.ToString(CultureInfo.InvariantCulture));
                if (prefix is not null)
                    request.Uri.AppendQuery("prefix", prefix);
                if (continuation is not null)
                    request.Uri.AppendQuery("marker", continuation);
            },
            cancellationToken);
        if (IsMissingContainer(response))
            return new PayloadPage([], null);
        if (response.Status != 200)
            throw Failure(response, "list");
        var page = XElement.Load(response.ContentStream!);
        return new PayloadPage(
            [.. page.Element("Blobs")!.Elements("Blob").Select(PayloadMetadata.Read)],
            page.Element("NextMarker")?.Value is { Length: > 0 } next ? next : null);
    }

    /// <summary>There, or made by somebody else meanwhile, is fine; who may not create one needs one made for him.</summary>
    private async Task CreateContainerAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            request =>
            {
                request.Method = RequestMethod.Put;
                request.Uri.Reset(new Uri(Open().Container));
                request.Uri.AppendQuery("restype", "container");
            },
            cancellationToken);
        if (response.Status is not (201 or 403 or 409))
            throw Failure(response, "creation of the container");
    }

    private async Task<Response> SendAsync(Action<Request> build, CancellationToken cancellationToken)
    {
        var pipeline = Open().Pipeline;
        using var request = pipeline.CreateRequest();
        build(request);
        request.Headers.SetValue("x-ms-version", Version);
        try
        {
            return await pipeline.SendRequestAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is not StoreUnavailableException && !cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, no access token or no Node.js for the local storage, say: nothing can be stored or read now.
            throw new StoreUnavailableException($"The payload store is out of reach: {e.Message}", e);
        }
    }

    private (HttpPipeline Pipeline, string Container) Open()
    {
        lock (_gate)
        {
            if (_opened is { } opened)
                return opened;
            BlobAccount account;
            try
            {
                account = _account();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                throw new StoreUnavailableException(e.Message, e);
            }

            HttpPipelinePolicy authorization = account.Credential is { } credential
                ? new BearerTokenAuthenticationPolicy(credential, "https://storage.azure.com/.default")
                : new SharedKeyPolicy(account.Name, account.Key!, _clock);
            var pipeline = HttpPipelineBuilder.Build(new BlobOptions(_transport), authorization);
            _opened = (pipeline, $"{account.Endpoint.AbsoluteUri.TrimEnd('/')}/{_options.Container}");
            return _opened.Value;
        }
    }

    private StoreUnavailableException Failure(Response response, string operation)
    {
        var code = response.Headers.TryGetValue("x-ms-error-code", out var value) ? value : response.ReasonPhrase;
        var advice = IsMissingContainer(response)
            ? $" The container '{Open().Container}' does not exist: create it, or check the setting 'Blobs'."
            : response.Status is 401 or 403 ? " Check the key, or give the identity the role Storage Blob Data Contributor." : "";
        return new StoreUnavailableException(string.Create(CultureInfo.InvariantCulture,
            $"The payload store answered {response.Status} ({code}) to a {operation}.{advice}"));
    }

    private static bool IsMissingContainer(Response response) =>
        response.Status == 404 && response.Headers.TryGetValue("x-ms-error-code", out var code) && code == "ContainerNotFound";

    private sealed class BlobOptions : ClientOptions
    {
        public BlobOptions(HttpPipelineTransport transport)
        {
            Transport = transport;
            Retry.MaxRetries = 3;
            Retry.Delay = TimeSpan.FromMilliseconds(200);
            Retry.MaxDelay = TimeSpan.FromSeconds(5);
            Diagnostics.IsLoggingContentEnabled = false;
        }
    }
}
