using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// Checks the <c>Authorization</c> header, which signs method, resource and date with the account's key. The key is no
/// secret, but the signature tells what the client meant: clients remove dot segments and trailing blanks from URLs, so that
/// a request for the item <c>..</c> arrives at its container.
/// </summary>
internal sealed class RequestSignature
{
    /// <summary>The key that everyone knows from the official emulator. It protects nothing.</summary>
    public const string EmulatorKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private const string Prefix = "type=master&ver=1.0&sig=";
    private const int HashBytes = 32;

    private readonly List<byte[]> _keys = [Convert.FromBase64String(EmulatorKey)];

    /// <param name="key">Another key that is taken; null or no base64: none.</param>
    public RequestSignature(string? key)
    {
        var bytes = new byte[key?.Length ?? 0];
        if (key is not null && Convert.TryFromBase64String(key, bytes, out var length) && length > 0)
            _keys.Add(bytes[..length]);
    }

    /// <summary>The answer to a request that is not signed as it arrived; null if it is.</summary>
    public CosmosReply? Refuse(CosmosRequest request)
    {
        if (request.Header("authorization") is not { Length: > 0 } header)
        {
            return CosmosReply.Error(
                401, "The required header 'authorization' is missing. Sign the request with the account key of the connection string, as every Cosmos DB client does.");
        }

        var token = Uri.UnescapeDataString(header);
        Span<byte> signature = stackalloc byte[HashBytes];
        if (!token.StartsWith(Prefix, StringComparison.Ordinal)
            || !Convert.TryFromBase64String(token[Prefix.Length..], signature, out var length)
            || length != HashBytes)
        {
            return CosmosReply.Error(
                401, $"The header 'authorization' is not understood: only signatures with the account key are, '{Prefix}…', URL-encoded. Tokens of Entra ID are not supported.");
        }

        var (type, link) = ResourceOf(request.Path);
        return IsSigned(request, type, link, signature) || IsSigned(request, type, link[(link.LastIndexOf('/') + 1)..].ToLowerInvariant(), signature)
            ? null
            : CosmosReply.Error(
                401,
                $"The input authorization token can't serve the request: what arrived is {request.Method} {request.Path}, and that is not what was signed with the account key of the " +
                "emulators (or of the setting 'Cosmos'). If the key is right, the name or id is one that clients change on the way: '.', '..', with a blank or control character at the end, " +
                "or with a percent sign before two hexadecimal digits. Use another one; an item of that id can still be deleted in a TransactionalBatch.");
    }

    /// <summary>What a client signs: the type of the resource, and its decoded link, for a list that of its owner.</summary>
    public static (string Type, string Link) ResourceOf(string escapedPath)
    {
        var segments = escapedPath.Trim('/').Split('/');
        if (segments is [""])
            return ("", "");
        var isList = segments.Length % 2 == 1;
        var type = segments[isList ? ^1 : ^2];
        var link = string.Join('/', (isList ? segments[..^1] : segments).Select(Uri.UnescapeDataString));
        return (type, link);
    }

    /// <summary>The text that is signed.</summary>
    /// <param name="method">The method.</param>
    /// <param name="type">Type of the resource.</param>
    /// <param name="link">Its link: names, or its own <c>_rid</c> in lower case.</param>
    /// <param name="msDate">The header <c>x-ms-date</c>.</param>
    /// <param name="date">The header <c>date</c>, which counts where there is no other.</param>
    public static string Payload(string method, string type, string link, string? msDate, string? date) =>
        $"{method.ToLowerInvariant()}\n{type.ToLowerInvariant()}\n{link}\n{msDate?.ToLowerInvariant()}\n{(msDate is null ? date?.ToLowerInvariant() : "")}\n";

    private bool IsSigned(CosmosRequest request, string type, string link, ReadOnlySpan<byte> signature)
    {
        var payload = Encoding.UTF8.GetBytes(Payload(request.Method, type, link, request.Header("x-ms-date"), request.Header("date")));
        Span<byte> hash = stackalloc byte[HashBytes];
        foreach (var key in _keys)
        {
            HMACSHA256.HashData(key, payload, hash);
            if (CryptographicOperations.FixedTimeEquals(hash, signature))
                return true;
        }

        return false;
    }
}
