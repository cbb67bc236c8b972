using Azure.Core;

namespace Pipeline.Payloads;

/// <summary>Where blobs are kept, and what opens the door.</summary>
public sealed class BlobAccount
{
    private const string DevelopmentAccount = "devstoreaccount1";

    /// <summary>The key that everyone knows from the official emulator. It protects nothing.</summary>
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private BlobAccount(Uri endpoint, string name, byte[]? key, TokenCredential? credential)
    {
        Endpoint = endpoint;
        Name = name;
        Key = key;
        Credential = credential;
    }

    /// <summary>Address of the blob service, without a slash at its end.</summary>
    public Uri Endpoint { get; }

    internal string Name { get; }

    internal byte[]? Key { get; }

    internal TokenCredential? Credential { get; }

    /// <summary>An account that is opened with an identity, which needs the role Storage Blob Data Contributor.</summary>
    /// <param name="serviceUri">Such as <c>https://myaccount.blob.core.windows.net</c>.</param>
    /// <param name="credential">The identity.</param>
    /// <exception cref="ArgumentException">It is no such address.</exception>
    public static BlobAccount Of(string serviceUri, TokenCredential credential) =>
        Uri.TryCreate(serviceUri?.TrimEnd('/'), UriKind.Absolute, out var endpoint) && endpoint.Scheme == Uri.UriSchemeHttps
            ? new BlobAccount(endpoint, "", null, credential)
            : throw new ArgumentException($"'{serviceUri}' is no address of a blob service, such as 'https://myaccount.blob.core.windows.net'.", nameof(serviceUri));

    /// <summary>An account that is opened with a key, as a storage connection string names it.</summary>
    /// <param name="connectionString"><c>UseDevelopmentStorage=true</c>, or one with <c>AccountName</c>, <c>AccountKey</c> and, if it is not in Azure, <c>BlobEndpoint</c>.</param>
    /// <exception cref="ArgumentException">It is no such connection string. The message never holds a part of it.</exception>
    public static BlobAccount Of(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in connectionString.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=');
            if (at > 0)
                parts[part[..at]] = part[(at + 1)..];
        }

        if (parts.TryGetValue("UseDevelopmentStorage", out var development) && development.Equals("true", StringComparison.OrdinalIgnoreCase))
            return new BlobAccount(new Uri("http://127.0.0.1:10000/" + DevelopmentAccount), DevelopmentAccount, Convert.FromBase64String(DevelopmentKey), null);
        if (!parts.TryGetValue("AccountName", out var name) || name.Length == 0)
            throw Wrong("AccountName is missing");
        var key = new byte[256];
        if (!parts.TryGetValue("AccountKey", out var text) || !Convert.TryFromBase64String(text, key, out var length) || length == 0)
            throw Wrong("AccountKey is missing, or not base64");
        var endpoint = parts.GetValueOrDefault("BlobEndpoint")
            ?? $"{parts.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{name}.blob.{parts.GetValueOrDefault("EndpointSuffix", "core.windows.net")}";
        return Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? new BlobAccount(address, name, key[..length], null)
            : throw Wrong("BlobEndpoint is no http address");
    }

    private static ArgumentException Wrong(string what) =>
        new($"The connection string of the blob storage cannot be used: {what}. Use 'UseDevelopmentStorage=true', or one with AccountName, AccountKey and BlobEndpoint.");
}
