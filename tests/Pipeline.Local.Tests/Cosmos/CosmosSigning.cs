using System.Security.Cryptography;
using System.Text;
using Pipeline.Local.Cosmos;

namespace Pipeline.Tests;

/// <summary>Signs requests that no SDK makes, as the documentation of the REST API says.</summary>
internal static class CosmosSigning
{
    private const string Date = "Mon, 02 Nov 2026 10:00:00 GMT";

    /// <param name="request">The request.</param>
    /// <param name="type">Type of the resource: <c>docs</c>, say.</param>
    /// <param name="link">Its link, not encoded; of a list, that of the owner.</param>
    public static HttpRequestMessage Signed(this HttpRequestMessage request, string type, string link)
    {
        request.Headers.Add("x-ms-date", Date);
        request.Headers.TryAddWithoutValidation("authorization", Authorization(request.Method.Method, type, link, Date));
        return request;
    }

    /// <summary>The header <c>authorization</c> of a request with that <c>x-ms-date</c>.</summary>
    public static string Authorization(string method, string type, string link, string date)
    {
        var payload = $"{method.ToLowerInvariant()}\n{type}\n{link}\n{date.ToLowerInvariant()}\n\n";
        var signature = HMACSHA256.HashData(Convert.FromBase64String(RequestSignature.EmulatorKey), Encoding.UTF8.GetBytes(payload));
        return Uri.EscapeDataString($"type=master&ver=1.0&sig={Convert.ToBase64String(signature)}");
    }
}
