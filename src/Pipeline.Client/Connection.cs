using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Client;

/// <summary>Sends requests to one address. Every failure is a <see cref="PipelineClientException"/>.</summary>
internal sealed class Connection : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;
    private readonly Uri url;
    private readonly bool hasKey;

    public Connection(Uri url, string? key)
    {
        this.url = url;
        hasKey = key is not null;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            MaxConnectionsPerServer = 64,
            // A proxy from the environment is not used for a pipeline on the same machine.
            UseProxy = !url.IsLoopback,
            // The key is for this address only, so redirects are not followed.
            AllowAutoRedirect = false,
        };
        http = new HttpClient(handler)
        {
            BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = RequestTimeout,
        };
        if (key is not null)
            http.DefaultRequestHeaders.Add("x-functions-key", key);
    }

    public string Address(string path) => http.BaseAddress + path;

    public void Dispose() => http.Dispose();

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, byte[]? body, string? idempotencyKey, CancellationToken cancellationToken, string? correlationId = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (correlationId is not null)
            request.Headers.Add("X-Correlation-ID", correlationId);

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new PipelineUnreachableException($"Nothing answers at {url.GetLeftPart(UriPartial.Authority)} ({Reason(failure)}).", isTimeout: false, failure);
        }
        catch (OperationCanceledException timeout) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PipelineUnreachableException(
                string.Create(CultureInfo.InvariantCulture,
                    $"{method} {Address(path)} was not answered within {RequestTimeout.TotalSeconds:0} seconds. ")
                + "Check the log of the pipeline, then retry.",
                isTimeout: true,
                timeout);
        }

        if (response.IsSuccessStatusCode)
            return response;

        using (response)
            throw await Refusals.ReadAsync(method, Address(path), response, hasKey, cancellationToken);
    }

    public async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            // The response is buffered already (ResponseContentRead), so this reads memory.
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw NotThePipeline(response, cause: null);
        }
        catch (JsonException malformed)
        {
            throw NotThePipeline(response, malformed);
        }
    }

    public async Task<JsonElement> ReadJsonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            return document.RootElement.Clone();
        }
        catch (JsonException malformed)
        {
            throw NotThePipeline(response, malformed);
        }
    }

    private InvalidAnswerException NotThePipeline(HttpResponseMessage response, Exception? cause) =>
        new(
            $"The answer of {response.RequestMessage?.RequestUri} is not that of a pipeline of this version"
            + (cause is null ? "" : $" ({cause.Message})")
            + $". Is {url} the pipeline, and of the same version as this tool?",
            cause);

    private static string Reason(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "no such host",
        HttpRequestError.ConnectionError => "connection refused",
        HttpRequestError.SecureConnectionError => "no secure connection",
        HttpRequestError.ResponseEnded => "the connection broke",
        _ => failure.Message.TrimEnd('.'),
    };
}
