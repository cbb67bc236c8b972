using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Pipeline.CloudEvents;
using Pipeline.Contracts;
using static Pipeline.AzureFunctions.Http.Answers;

namespace Pipeline.AzureFunctions.Http;

/// <summary>Reads requests with limits. What cannot be used is refused with problem details (RFC 9457).</summary>
public static class Requests
{
    /// <summary>Largest request body, in bytes, unless a function allows more.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    private const int MaxKeyLength = 128;
    private const int MaxShown = 100;

    /// <summary>Query parameters of Azure Functions: the function key and the name of its client.</summary>
    private static readonly string[] KeyParameters = ["code", "clientId"];

    /// <summary>Reads a JSON body with metadata that is found by reflection. <see cref="ApiJson.NewOptions"/> says how it is read.</summary>
    /// <typeparam name="T">The record of the body.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="maxBytes">The most bytes of the body.</param>
    /// <returns>The value, or the refusal to answer with.</returns>
    public static Task<RequestBody<T>> ReadJsonAsync<T>(HttpRequest request, CancellationToken cancellationToken, int maxBytes = MaxBodyBytes)
        where T : class =>
        ReadJsonAsync(request, (JsonTypeInfo<T>)ApiJson.Reflection.GetTypeInfo(typeof(T)), cancellationToken, maxBytes);

    /// <summary>Reads a JSON body.</summary>
    /// <typeparam name="T">The record of the body.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="json">The metadata of the record; make its context with <see cref="ApiJson.NewOptions"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="maxBytes">The most bytes of the body.</param>
    /// <returns>The value, or the refusal to answer with.</returns>
    public static async Task<RequestBody<T>> ReadJsonAsync<T>(
        HttpRequest request, JsonTypeInfo<T> json, CancellationToken cancellationToken, int maxBytes = MaxBodyBytes)
        where T : class
    {
        if (MediaTypeError(request) is { } unsupported)
            return new(Problem(ProblemTypes.MediaTypeUnsupported, unsupported));
        try
        {
            if (request.ContentLength > maxBytes || await ReadBytesAsync(request.Body, maxBytes, cancellationToken) is not { } bytes)
                return new(Problem(ProblemTypes.BodyTooLarge, string.Create(CultureInfo.InvariantCulture, $"The body may have at most {maxBytes} bytes.")));
            if (bytes.Length == 0)
                return new(Problem(ProblemTypes.BodyEmpty, "The body is empty; send a JSON object."));
            if (StrictJson.Check(bytes) is { } fault)
                return new(InvalidJson(fault.Path, fault.What));
            return JsonSerializer.Deserialize(bytes, json) is { } value
                ? new(value, Convert.ToHexStringLower(SHA256.HashData(bytes)))
                : new(Problem(ProblemTypes.InvalidJson, "The body is the JSON value null; send an object."));
        }
        catch (BadHttpRequestException e)
        {
            return new(Incomplete(e));
        }
        catch (JsonException e)
        {
            return new(InvalidJson(string.IsNullOrEmpty(e.Path) ? "$" : e.Path, ErrorOf(e)));
        }
    }

    /// <summary>Gets the beginning of a text of the caller, to repeat it in an answer.</summary>
    internal static string Shown(string text) => ShownText.Of(text, MaxShown);

    private static IResult InvalidJson(string path, string what) =>
        Problem(ProblemTypes.InvalidJson, $"The body cannot be read at {path}: it {what}.", new Dictionary<string, string[]>(StringComparer.Ordinal) { [path] = [what] });

    /// <summary>Not the message of the serializer, which contains type names.</summary>
    private static string ErrorOf(JsonException e) => e switch
    {
        InexactNumberException => InexactNumberException.Text,
        UnusableTimeException => e.Message,
        _ when e.Message.Contains("could not be mapped", StringComparison.Ordinal) => "is unknown; it may be misspelt",
        _ => "is not of the expected type",
    };

    private static string? MediaTypeError(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return $"Send the body as 'application/json', not as '{request.ContentType ?? "(none)"}'.";
        if (type.Charset.HasValue && !type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return $"JSON is sent in UTF-8 (RFC 8259, section 8.1), not in '{type.Charset}'.";
        return request.Headers.ContentEncoding.Any(e => !string.IsNullOrEmpty(e) && !e.Equals("identity", StringComparison.OrdinalIgnoreCase))
            ? $"Send the body without 'Content-Encoding: {request.Headers.ContentEncoding}'."
            : null;
    }

    /// <summary>Reads and validates the header <c>Idempotency-Key</c>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isRequired">Whether a request without the header is refused; if not, it gets a new key, so that repeating it does it again.</param>
    /// <param name="key">The key.</param>
    /// <param name="refusal">The refusal to answer with, where there is no key.</param>
    /// <returns>Whether there is a key.</returns>
    public static bool TryReadIdempotencyKey(HttpRequest request, bool isRequired, [NotNullWhen(true)] out string? key, [NotNullWhen(false)] out IResult? refusal)
    {
        var keys = request.Headers["Idempotency-Key"];
        key = keys.ToString();
        refusal = null;
        if (keys.Count > 1)
            refusal = Problem(ProblemTypes.IdempotencyKeyInvalid, $"The request has {keys.Count} 'Idempotency-Key' headers. Send one.");
        if (key.Length == 0 && !isRequired)
        {
#pragma warning disable RS0030 // The edge is where a command without a key of its own gets one.
            key = Guid.CreateVersion7().ToString("N");
#pragma warning restore RS0030
        }

        if (refusal is null && key.Length == 0)
            refusal = Problem(ProblemTypes.IdempotencyKeyRequired, "Send an 'Idempotency-Key' header with a value of your own, and the same value when you repeat the request.");
        else if (refusal is null && VisibleText.HiddenCharacterError(key) is { } hidden)
            refusal = Problem(ProblemTypes.IdempotencyKeyInvalid, $"It {hidden}.");
        else if (refusal is null && (key.Length > MaxKeyLength || key.Any(c => c is < '!' or > '~')))
            refusal = Problem(ProblemTypes.IdempotencyKeyInvalid, $"It must be 1 to {MaxKeyLength} printable ASCII characters without spaces.");
        return refusal is null;
    }

    /// <summary>Gets the header <c>X-Correlation-ID</c>; <see langword="null"/> if it is missing or invalid.</summary>
    public static string? CorrelationIdOf(HttpRequest request)
    {
        var id = request.Headers["X-Correlation-ID"].ToString();
        return id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? id : null;
    }

    /// <summary>Gets an id that is the same for the same caller and key.</summary>
    /// <param name="request">The request; in Azure, App Service authentication names its caller.</param>
    /// <param name="prefix">What the id starts with.</param>
    /// <param name="key">The key.</param>
    public static string DeriveId(HttpRequest request, string prefix, string key)
    {
        // In Azure, App Service authentication identifies the caller; without it all callers are one.
        var caller = request.Headers["x-ms-client-principal-id"].ToString();
        return prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")).AsSpan(0, 12));
    }

    /// <summary>
    /// Gets the refusal of texts with hidden characters; <see langword="null"/> if there are none. These texts are stored and shown to
    /// operators, so escape sequences and the like are not allowed.
    /// </summary>
    /// <param name="texts">The texts, each with its name in the request.</param>
    public static IResult? ValidateTexts(params ReadOnlySpan<(string Name, string? Value)> texts)
    {
        Dictionary<string, string[]>? errors = null;
        string? detail = null;
        foreach (var (name, value) in texts)
        {
            if (VisibleText.HiddenCharacterError(value) is not { } why)
                continue;
            (errors ??= new(StringComparer.Ordinal))[name] = [why];
            detail ??= $"'{name}' {why}.";
        }

        return errors is null ? null : Problem(ProblemTypes.HiddenCharacter, detail!, errors);
    }

    /// <summary>
    /// Gets the refusal of an unknown or repeated query parameter; <see langword="null"/> if there is none. If a misspelt filter was
    /// ignored, a list would contain everything.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="parameters">The query parameters that the operation takes.</param>
    public static IResult? ValidateQuery(HttpRequest request, params string[] parameters)
    {
        foreach (var (name, values) in request.Query)
        {
            if (!parameters.Concat(KeyParameters).Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                var known = parameters.Length == 0 ? "It takes none." : $"It takes {string.Join(", ", parameters)}.";
                return Problem(ProblemTypes.QueryParameterUnknown, $"'{name}' is not a query parameter of this address. {known}");
            }

            if (values.Count > 1)
                return Problem(ProblemTypes.QueryParameterRepeated, $"'{name}' is there {values.Count} times. Send it once.");
        }

        return null;
    }

    /// <summary>Reads a whole body; <see langword="null"/> if it is longer than allowed.</summary>
    internal static async Task<byte[]?> ReadBytesAsync(Stream body, int maxBytes, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[8192];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > maxBytes)
                return null;
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}
