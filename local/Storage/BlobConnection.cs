using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Local.Storage;

/// <summary>The blob part of a storage connection string, and its SharedKey signature.</summary>
internal sealed record BlobConnection
{
    public const string DevelopmentStorage = "UseDevelopmentStorage=true";

    /// <summary>Account and key that everyone knows from the official emulator. They protect nothing.</summary>
    public const string DevelopmentAccount = "devstoreaccount1";

    public const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const string Version = "2021-12-02";

    /// <summary>Address of the account, without a slash at its end.</summary>
    public required Uri Endpoint { get; init; }

    public required string Account { get; init; }

    public required byte[] Key { get; init; }

    /// <summary>Reads a connection string; <see langword="null"/> if it names no blob endpoint that can be reached with a key.</summary>
    public static BlobConnection? Parse(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=');
            if (at < 1)
                return null;
            parts[part[..at]] = part[(at + 1)..];
        }

        if (parts.TryGetValue("UseDevelopmentStorage", out var development) && development.Equals("true", StringComparison.OrdinalIgnoreCase))
            return Of("127.0.0.1:10000");
        var account = parts.GetValueOrDefault("AccountName");
        var key = new byte[256];
        if (account is null || !Convert.TryFromBase64String(parts.GetValueOrDefault("AccountKey") ?? "-", key, out var length))
            return null;
        var endpoint = parts.GetValueOrDefault("BlobEndpoint")
            ?? $"{parts.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.blob.{parts.GetValueOrDefault("EndpointSuffix", "core.windows.net")}";
        return Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out var address) && address.Host.Length > 0
            ? new BlobConnection { Endpoint = address, Account = account, Key = key[..length] }
            : null;
    }

    /// <summary>The development account at another authority.</summary>
    public static BlobConnection Of(string authority) => new()
    {
        Endpoint = new Uri($"http://{authority}/{DevelopmentAccount}"),
        Account = DevelopmentAccount,
        Key = Convert.FromBase64String(DevelopmentKey),
    };

    public override string ToString() =>
        $"DefaultEndpointsProtocol={Endpoint.Scheme};AccountName={Account};AccountKey={Convert.ToBase64String(Key)};BlobEndpoint={Endpoint};";

    /// <summary>Signs a request that has all its headers and its final address.</summary>
    public void Sign(HttpRequestMessage request, DateTimeOffset now)
    {
        request.Headers.Add("x-ms-version", Version);
        request.Headers.Add("x-ms-date", now.ToString("R", CultureInfo.InvariantCulture));
        var length = request.Content?.Headers.ContentLength is > 0 and var bytes ? bytes.ToString(CultureInfo.InvariantCulture) : "";

        // Authorize with Shared Key: verb, then Content-Encoding, -Language, -Length, -MD5, -Type, Date, the conditions, Range.
        var text = new StringBuilder()
            .Append(request.Method.Method).Append("\n\n\n").Append(length).Append("\n\n").Append(request.Content?.Headers.ContentType?.ToString()).Append("\n\n\n\n\n\n\n");
        foreach (var (name, values) in request.Headers.Where(h => h.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)).OrderBy(h => h.Key, StringComparer.Ordinal))
            text.Append(name).Append(':').AppendJoin(',', values).Append('\n');
        text.Append('/').Append(Account).Append(request.RequestUri!.AbsolutePath);
        foreach (var pair in request.RequestUri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal))
            text.Append('\n').Append(Uri.UnescapeDataString(pair).Replace('=', ':'));
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(text.ToString())));
        request.Headers.Authorization = new AuthenticationHeaderValue("SharedKey", $"{Account}:{signature}");
    }
}
