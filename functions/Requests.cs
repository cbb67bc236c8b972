using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Pipeline.CloudEvents;
using Pipeline.Contracts;
using Pipeline.Storage;

namespace Pipeline.Functions;

/// <summary>Reads requests with limits, and refuses invalid ones with problem details (RFC 9457).</summary>
internal static class Requests
{
    /// <summary>Largest request body, in bytes, unless a function allows more.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>The content type of problem details (RFC 9457, section 3).</summary>
    public const string ProblemContentType = "application/problem+json";

    private const int MaxKeyLength = 128;
    private const int MaxShown = 100;

    /// <summary>Reads a JSON body. The result has either the value or the refusal.</summary>
    public static async Task<Body<T>> ReadJsonAsync<T>(
        HttpRequest request, JsonTypeInfo<T> json, CancellationToken cancellationToken, int maxBytes = MaxBodyBytes)
        where T : class
    {
        if (MediaTypeError(request) is { } unsupported)
            return new(Problem(ProblemTypes.MediaTypeUnsupported, unsupported));
        try
        {
            if (request.ContentLength > maxBytes || await ReadAsync(request.Body, maxBytes, cancellationToken) is not { } bytes)
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
    public static string Shown(string text) => ShownText.Of(text, MaxShown);

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

    /// <summary>Gets the refusal of an incomplete body: malformed or ended early (400), or too slow (408).</summary>
    public static IResult Incomplete(BadHttpRequestException e) => e.StatusCode == StatusCodes.Status408RequestTimeout
        ? Problem(ProblemTypes.BodyTimeout, "The body arrived too slowly and was not read to its end. Send the request again.")
        : Problem(ProblemTypes.BodyIncomplete, "The connection ended before the body did, or its chunks are malformed. Send the request again.");

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
    public static string DeriveId(HttpRequest request, string prefix, string key)
    {
        // In Azure, App Service authentication identifies the caller; without it all callers are one.
        var caller = request.Headers["x-ms-client-principal-id"].ToString();
        return prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")).AsSpan(0, 12));
    }

    /// <summary>Gets an answer with problem details. All of the API's are made here.</summary>
    /// <param name="type">The type; it has the title and the status.</param>
    /// <param name="detail">What is wrong with this request.</param>
    /// <param name="errors">The same by the place of each error.</param>
    public static IResult Problem(ProblemType type, string detail, IReadOnlyDictionary<string, string[]>? errors = null) =>
        Results.Json(new ProblemBody(type.Uri, type.Title, type.Status, detail, errors), ApiJson.Readable.ProblemBody, ProblemContentType, type.Status);

    /// <summary>
    /// Gets the refusal of texts with hidden characters; <see langword="null"/> if there are none. These texts are stored and shown to
    /// operators, so escape sequences and the like are not allowed.
    /// </summary>
    public static IResult? WhyHidden(params ReadOnlySpan<(string Name, string? Value)> texts)
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

    public static IResult NotFound(string what) => Problem(ProblemTypes.NotFound, $"There is no {what}.");

    /// <summary>Gets 503, or 500 for a failure that a retry cannot fix. The cause goes to the log, not to the caller.</summary>
    public static IResult Unavailable(HttpRequest request, Exception e)
    {
        request.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Requests)).LogError(e, "{Path} could not be served.", request.Path);
        if (e is DamagedPartitionException damage)
            return Problem(ProblemTypes.DamagedPartition, $"Records of '{damage.Partition}' are missing or cannot be read. Retrying does not help: an operator has to restore them.");
        return Problem(ProblemTypes.StoreUnavailable, "The store is temporarily unavailable. It is safe to retry with the same Idempotency-Key.");
    }

    /// <summary>Reads a whole body; <see langword="null"/> if it is longer than allowed.</summary>
    public static async Task<byte[]?> ReadAsync(Stream body, int maxBytes, CancellationToken cancellationToken)
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
