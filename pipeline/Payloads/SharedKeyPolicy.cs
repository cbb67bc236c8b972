using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Pipeline.Payloads;

/// <summary>Signs every attempt with the account's key ("Authorize with Shared Key", Blob service, versions from 2009-09-19 on).</summary>
internal sealed class SharedKeyPolicy(string account, byte[] key, TimeProvider clock) : HttpPipelineSynchronousPolicy
{
    /// <summary>The standard headers in the order that the signature wants them, Content-Length left out.</summary>
    private static readonly string[] _beforeLength = ["Content-Encoding", "Content-Language"];

    private static readonly string[] _afterLength =
        ["Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"];

    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        request.Headers.SetValue("x-ms-date", clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        request.Headers.SetValue("Authorization", $"SharedKey {account}:{Sign(request)}");
    }

    private string Sign(Request request)
    {
        var text = new StringBuilder(512).Append(request.Method.Method).Append('\n');
        foreach (var name in _beforeLength)
            text.Append(Header(request, name)).Append('\n');
        if (request.Content is { } content && content.TryComputeLength(out var length) && length > 0)
            text.Append(CultureInfo.InvariantCulture, $"{length}");
        text.Append('\n');
        foreach (var name in _afterLength)
            text.Append(Header(request, name)).Append('\n');
        foreach (var header in request.Headers.Where(h => h.Name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)).OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase))
            text.Append(header.Name.ToLowerInvariant()).Append(':').Append(header.Value.Trim()).Append('\n');
        var address = request.Uri.ToUri();
        text.Append('/').Append(account).Append(address.AbsolutePath);
        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal))
        {
            var at = pair.IndexOf('=');
            text.Append('\n').Append(pair.AsSpan(0, at)).Append(':').Append(Uri.UnescapeDataString(pair[(at + 1)..]));
        }

        return Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string? Header(Request request, string name) => request.Headers.TryGetValue(name, out var value) ? value : null;
}
