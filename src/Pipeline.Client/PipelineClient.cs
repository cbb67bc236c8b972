using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Client;

/// <summary>
/// The HTTP API of one running pipeline. The properties have its operations; the methods here send any request to the same
/// address, such as to an API of the app's own. Every failure is a <see cref="PipelineClientException"/>. Safe to use by many threads.
/// </summary>
public sealed class PipelineClient : IDisposable
{
    private readonly Connection connection;

    /// <summary>Creates a client. It connects with the first request.</summary>
    /// <param name="url">The address of the pipeline, without the <c>/api</c> part.</param>
    /// <param name="key">The function key to send with every request; <see langword="null"/> for none.</param>
    public PipelineClient(Uri url, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        Url = url;
        connection = new Connection(url, key);
        Monitoring = new MonitoringOperations(this);
        DeadLetters = new DeadLetterOperations(this);
        Replays = new ReplayOperations(this);
        Outbox = new OutboxOperations(this);
    }

    /// <summary>Gets the address of the pipeline, without the <c>/api</c> part.</summary>
    public Uri Url { get; }

    /// <summary>Gets the operations that show how the pipeline is doing.</summary>
    public MonitoringOperations Monitoring { get; }

    /// <summary>Gets the operations of dead letters: messages that consumers could not handle.</summary>
    public DeadLetterOperations DeadLetters { get; }

    /// <summary>Gets the operations of replays, which send dead letters again.</summary>
    public ReplayOperations Replays { get; }

    /// <summary>Gets the operations of outbox messages that the relay cannot publish.</summary>
    public OutboxOperations Outbox { get; }

    /// <summary>Gets the whole address of a path, for messages.</summary>
    public string Address(string path) => connection.Address(path);

    /// <summary>Joins path segments behind <c>api/</c>, each escaped.</summary>
    /// <exception cref="InvalidAddressException">One is <c>.</c> or <c>..</c>, which would change the address.</exception>
    public static string Path(params ReadOnlySpan<string> segments)
    {
        var escaped = new string[segments.Length];
        for (var i = 0; i < segments.Length; i++)
        {
            escaped[i] = segments[i] is "." or ".."
                ? throw new InvalidAddressException($"'{segments[i]}' is not a name or id: it would change the address. Give the one that the list shows.")
                : Uri.EscapeDataString(segments[i]);
        }

        return "api/" + string.Join('/', escaped);
    }

    /// <summary>Gets a document.</summary>
    /// <param name="path">The path, with its query; see <see cref="Path"/> and <see cref="QueryText"/>.</param>
    /// <param name="type">The metadata of the answer, such as of <see cref="PipelineJson"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(HttpMethod.Get, path, body: null, idempotencyKey: null, cancellationToken);
        return await connection.ReadAsync(response, type, cancellationToken);
    }

    /// <summary>Like <see cref="GetAsync{T}"/>, but <see langword="null"/> if the pipeline answers 404.</summary>
    public async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
        where T : class
    {
        try
        {
            return await GetAsync(path, type, cancellationToken);
        }
        catch (PipelineRefusedException refusal) when (refusal.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Gets a document unchanged, with members that this version of the client does not know.</summary>
    public async Task<JsonElement> GetJsonAsync(string path, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(HttpMethod.Get, path, body: null, idempotencyKey: null, cancellationToken);
        return await connection.ReadJsonAsync(response, cancellationToken);
    }

    /// <summary>Sends a body, and reads the answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, with its query.</param>
    /// <param name="body">The body.</param>
    /// <param name="bodyType">The metadata of the body.</param>
    /// <param name="answerType">The metadata of the answer.</param>
    /// <param name="idempotencyKey">The <c>Idempotency-Key</c> header; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> answerType,
        string? idempotencyKey = null,
        CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(method, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), idempotencyKey, cancellationToken);
        return await connection.ReadAsync(response, answerType, cancellationToken);
    }

    /// <summary>Sends a request without a body, and ignores the answer.</summary>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(method, path, body: null, idempotencyKey: null, cancellationToken);
    }

    /// <summary>Sends a request to an API of the app's own, as it is.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, with its query.</param>
    /// <param name="json">The body; <see langword="null"/> for none.</param>
    /// <param name="idempotencyKey">The <c>Idempotency-Key</c> header.</param>
    /// <param name="correlationId">The <c>X-Correlation-ID</c> header.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The answer; <see langword="null"/> if it is not JSON.</returns>
    public async Task<JsonElement?> SendJsonAsync(
        HttpMethod method, string path, string? json, string idempotencyKey, string correlationId, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(
            method, path, json is null ? null : System.Text.Encoding.UTF8.GetBytes(json), idempotencyKey, cancellationToken, correlationId);
        return response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) == true
            ? await connection.ReadJsonAsync(response, cancellationToken)
            : null;
    }

    /// <summary>Posts a body, and reads the answer.</summary>
    public Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, path, body, bodyType, answerType, idempotencyKey: null, cancellationToken);

    /// <summary>Posts a body, and ignores the answer.</summary>
    public async Task PostAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(
            HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), idempotencyKey: null, cancellationToken);
    }

    /// <summary>Posts without a body, and reads the answer.</summary>
    public async Task<TAnswer> PostAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(HttpMethod.Post, path, body: null, idempotencyKey: null, cancellationToken);
        return await connection.ReadAsync(response, answerType, cancellationToken);
    }

    /// <summary>Gets all items of a list, page by page.</summary>
    /// <param name="path">The path; it may have a query.</param>
    /// <param name="type">The metadata of a page.</param>
    /// <param name="retry">Repeats a page that failed for a transient reason; <see langword="null"/> for no retries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async IAsyncEnumerable<T> ItemsAsync<T>(
        string path, JsonTypeInfo<Page<T>> type, TransientRetry? retry = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        string? continuation = null;
        do
        {
            var at = continuation is null
                ? path
                : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}continuation={Uri.EscapeDataString(continuation)}";
            var page = retry is null
                ? await GetAsync(at, type, cancellationToken)
                : await retry.RetryAsync(token => GetAsync(at, type, token), cancellationToken);
            foreach (var item in page.Items)
                yield return item;

            if (page.Continuation is not null && page.Continuation == continuation)
                throw new InvalidAnswerException($"The list {Address(path)} repeats its continuation and would never end. Report this.");

            continuation = page.Continuation;
        }
        while (!string.IsNullOrEmpty(continuation));
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => connection.Dispose();
}
