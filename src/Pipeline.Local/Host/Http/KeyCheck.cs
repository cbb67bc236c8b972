using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Lets a request through if it shows a key that its endpoint takes, in <c>x-functions-key</c> or <c>?code=</c>; the
/// header counts where both are there, as in Azure.
/// </summary>
internal sealed class KeyCheck
{
    private const string Header = "x-functions-key";
    private const string Parameter = "code";

    private readonly byte[] _master;
    private readonly byte[] _host;
    private readonly byte[] _eventGrid;

    public KeyCheck(HostKeys keys, LocalSettings settings)
    {
        _master = Digest(keys.Master);
        _host = Digest(settings.HostKey ?? keys.Host);
        _eventGrid = Digest(keys.EventGrid);
    }

    public bool Allows(HttpRequest request, KeyLevel level)
    {
        if (level is KeyLevel.Anonymous or KeyLevel.User)
            return true;
        var shown = request.Headers[Header].ToString();
        if (shown.Length == 0)
            shown = request.Query[Parameter].ToString();
        if (shown.Length == 0)
            return false;

        // Digests have one length and every comparison is made, so that the time tells nothing about a key.
        var digest = Digest(shown);
        var isMaster = CryptographicOperations.FixedTimeEquals(digest, _master);
        var isHost = CryptographicOperations.FixedTimeEquals(digest, _host);
        var isEventGrid = CryptographicOperations.FixedTimeEquals(digest, _eventGrid);
        return level switch
        {
            KeyLevel.Function => isMaster | isHost,
            KeyLevel.System => isMaster | isEventGrid,
            _ => isMaster,
        };
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
