using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>One who may hand over events.</summary>
internal sealed class WebhookSource(
    string name, string consumer, IReadOnlyList<byte[]> tokenDigests, FrozenSet<string> origins, FrozenSet<string> types, bool isRetired)
{
    /// <summary>Topic with a subscription per webhook source. The receiver passes events to the consumer directly; replays use the topic.</summary>
    public const string Topic = "webhooks";

    /// <summary>Requests of one source that an instance handles side by side. Each may hold a body in memory.</summary>
    public const int MaxConcurrent = 32;

    public static readonly System.Buffers.SearchValues<char> HostCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.:");

    public string Name => name;

    public string Consumer => consumer;

    public bool IsRetired => isRetired;

    public FrozenSet<string> Types => types;

    /// <summary>The free slots of <see cref="MaxConcurrent"/>.</summary>
    public SemaphoreSlim Slots { get; } = new(MaxConcurrent, MaxConcurrent);

    public bool AllowsOrigin(string origin) => origins.Contains(origin);

    /// <summary>Compares with every digest to the end, so that the time reveals nothing.</summary>
    public bool IsToken(string token)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), digest);
        var isOne = false;
        foreach (var accepted in tokenDigests)
            isOne |= CryptographicOperations.FixedTimeEquals(digest, accepted);
        return isOne;
    }
}
