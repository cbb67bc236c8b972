using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Cli.Http;

/// <summary>The HTTP API of one running pipeline. Every failure is a <see cref="CliFailure"/>.</summary>
internal sealed class PipelineClient : IDisposable
{
    private const int LargestErrorBytes = 64 * 1024;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;

    private readonly bool hasKey;

    /// <param name="url">Where the pipeline listens, without the <c>/api</c> part.</param>
    /// <param name="key">The function key to send with every request; <see langword="null"/> for none.</param>
    public PipelineClient(Uri url, string? key = null)
    {
        Url = url;
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

    /// <summary>The address of the pipeline, without the <c>/api</c> part.</summary>
    public Uri Url { get; }

    /// <summary>Gets the whole address of a path, for messages.</summary>
    public string Address(string path) => http.BaseAddress + path;

    /// <summary>Joins path segments, each escaped.</summary>
    /// <exception cref="CliFailure">One is <c>.</c> or <c>..</c>, which would change the address.</exception>
    public static string Path(params ReadOnlySpan<string> segments)
    {
        var escaped = new string[segments.Length];
        for (var i = 0; i < segments.Length; i++)
        {
            escaped[i] = segments[i] is "." or ".."
                ? throw new CliFailure($"'{segments[i]}' is not a name or id: it would change the address. Give the one that the list shows.")
                : Uri.EscapeDataString(segments[i]);
        }

        return "api/" + string.Join('/', escaped);
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, content: null, idempotencyKey: null, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    /// <summary>Like <see cref="GetAsync{T}"/>, but <see langword="null"/> if the pipeline answers 404.</summary>
    public async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await GetAsync(path, type, cancellationToken);
        }
        catch (PipelineRefusal refusal) when (refusal.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Gets the document unchanged, for <c>--json</c> output, with members that this version of the tool does not know.</summary>
    public async Task<JsonElement> GetJsonAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, content: null, idempotencyKey: null, cancellationToken);
        return await ReadJsonAsync(response, cancellationToken);
    }

    public async Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> answerType,
        string? idempotencyKey,
        CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await SendAsync(method, path, content, idempotencyKey, cancellationToken);
        return await ReadAsync(response, answerType, cancellationToken);
    }

    /// <summary>Sends a request of an application as it is.</summary>
    /// <returns>The answer; <see langword="null"/> if it is not JSON.</returns>
    public async Task<JsonElement?> SendAsync(
        HttpMethod method, string path, string? json, string idempotencyKey, string correlationId, CancellationToken cancellationToken)
    {
        using var content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await SendAsync(method, path, content, idempotencyKey, cancellationToken, correlationId);
        if (response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) != true)
            return null;
        return await ReadJsonAsync(response, cancellationToken);
    }

    /// <summary>Posts a body and ignores the answer.</summary>
    public async Task PostAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await SendAsync(HttpMethod.Post, path, content, idempotencyKey: null, cancellationToken);
    }

    /// <summary>Posts without a body.</summary>
    public async Task<TAnswer> PostAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, content: null, idempotencyKey: null, cancellationToken);
        return await ReadAsync(response, answerType, cancellationToken);
    }

    public Task PostAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, cancellationToken);

    /// <summary>Sends a request without a body and ignores the answer.</summary>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, content: null, idempotencyKey: null, cancellationToken);
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, string? idempotencyKey, CancellationToken cancellationToken, string? correlationId = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (correlationId is not null)
            request.Headers.Add("X-Correlation-ID", correlationId);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new PipelineUnreachable(
                $"Nothing answers at {Url.GetLeftPart(UriPartial.Authority)} ({Reason(failure)}). Start the pipeline"
                + (Wording.StartCommand is { } start ? $" with '{start}'" : "") + ", or give its address with --url.",
                failure);
        }
        catch (OperationCanceledException timeout) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PipelineUnreachable(
                string.Create(CultureInfo.InvariantCulture,
                    $"{method} {Address(path)} was not answered within {RequestTimeout.TotalSeconds:0} seconds. ")
                + "Check the log of the pipeline, then retry.",
                timeout);
        }

        if (response.IsSuccessStatusCode)
            return response;

        using (response)
            throw await PipelineRefusal.ReadAsync(method, Address(path), response, hasKey, LargestErrorBytes, cancellationToken);
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
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

    private async Task<JsonElement> ReadJsonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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

    private CliFailure NotThePipeline(HttpResponseMessage response, Exception? cause) =>
        new(
            $"The answer of {response.RequestMessage?.RequestUri} is not that of a pipeline of this version"
            + (cause is null ? "" : $" ({cause.Message})")
            + $". Is {Url} the pipeline, and of the same version as this tool?",
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
