using Azure.Storage.Blobs;

namespace Pipeline.Local.Storage;

/// <summary>A storage connection string, and where its blobs are.</summary>
internal sealed record BlobConnection
{
    public const string DevelopmentStorage = "UseDevelopmentStorage=true";

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

    /// <summary>Without the key.</summary>
    public override string ToString() => Endpoint.ToString();
}
