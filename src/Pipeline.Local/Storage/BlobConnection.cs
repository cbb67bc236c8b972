using Azure.Storage.Blobs;

namespace Pipeline.Local.Storage;

/// <summary>A storage connection string, and where its blobs are.</summary>
internal sealed record BlobConnection
{
    public const string DevelopmentStorage = "UseDevelopmentStorage=true";

    private const string DevelopmentAccount = "devstoreaccount1";
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>Parts of a connection string that say where, in one way or another.</summary>
    private static readonly HashSet<string> _places = new(StringComparer.OrdinalIgnoreCase)
    {
        "UseDevelopmentStorage", "DevelopmentStorageProxyUri", "DefaultEndpointsProtocol", "EndpointSuffix", "BlobEndpoint", "BlobSecondaryEndpoint",
    };

    private BlobConnection(string text, Uri endpoint)
    {
        Text = text;
        Endpoint = endpoint;
    }

    /// <summary>The connection string. It has the account's key.</summary>
    public string Text { get; }

    /// <summary>Address of the account, without a slash at its end.</summary>
    public Uri Endpoint { get; }

    /// <summary>Reads a connection string; <see langword="null"/> if it names no blob endpoint that can be reached with a key.</summary>
    public static BlobConnection? Parse(string text)
    {
        try
        {
            var client = new BlobServiceClient(text);
            return client.CanGenerateAccountSasUri ? new BlobConnection(text, new Uri(client.Uri.AbsoluteUri.TrimEnd('/'))) : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The development account at another host name, on the emulator's port: behind that the SDK looks for the account in the path.</summary>
    public static BlobConnection Of(string host) => Parse($"{DevelopmentStorage};DevelopmentStorageProxyUri=http://{host}")!;

    /// <summary>The same account behind another port of this machine.</summary>
    public BlobConnection At(int port)
    {
        var parts = Text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(part => !_places.Contains(part.Split('=')[0]))
            .ToList();
        if (!parts.Exists(part => part.StartsWith("AccountKey=", StringComparison.OrdinalIgnoreCase)))
            parts.AddRange([$"AccountName={DevelopmentAccount}", $"AccountKey={DevelopmentKey}"]);
        var endpoint = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{Endpoint.AbsolutePath}");
        return Parse(string.Join(';', [.. parts, $"BlobEndpoint={endpoint}"]))!;
    }

    /// <summary>Without the key.</summary>
    public override string ToString() => Endpoint.ToString();
}
