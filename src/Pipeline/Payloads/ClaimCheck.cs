using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Storage;

namespace Pipeline.Payloads;

/// <summary>
/// Puts the data of a message that is too large for the transport into the payload store before its commit, and gets it
/// for those who handle the message. What was stored for a commit that never came is an orphan: the collector's.
/// </summary>
public sealed class ClaimCheck
{
    /// <summary>How long an upload is remembered, so that a commit that has to be decided again does not repeat it. Far below any age at which payloads are collected.</summary>
    private static readonly TimeSpan _remembered = TimeSpan.FromMinutes(1);

    private const int MaxRemembered = 256;

    private readonly IPayloadStore _store;
    private readonly PayloadOptions _options;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _uploads = new(StringComparer.Ordinal);

    /// <summary>Creates it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ClaimCheck(IPayloadStore store, PayloadOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _store = store;
        _options = options.Checked();
        _clock = clock;
    }

    /// <summary>The same for a dry run: says what would be stored where, and stores nothing.</summary>
    internal ClaimCheck ReadOnly() => new(new ReadOnlyPayloadStore(_store), _options, _clock);

    /// <summary>The most data that travels in the message itself, in bytes.</summary>
    internal int MaxInlineBytes => _options.MaxInlineBytes;

    /// <summary>Whether data of that size does not travel in the message.</summary>
    internal bool IsNeeded(int bytes) => bytes > _options.MaxInlineBytes;

    /// <summary>Stores the data of a message, and returns the <c>dataref</c> that the message carries in its place.</summary>
    /// <exception cref="CommitTooLargeException">It is larger than any payload may be.</exception>
    /// <exception cref="StoreUnavailableException">The store is unavailable.</exception>
    internal async Task<string> StoreAsync(ReadOnlyMemory<byte> data, PayloadOrigin origin, CancellationToken cancellationToken)
    {
        if (data.Length > _options.MaxPayloadBytes)
            throw new CommitTooLargeException(string.Create(CultureInfo.InvariantCulture,
                $"The data of a '{origin.Type}' has {data.Length} bytes; at most {_options.MaxPayloadBytes} can be sent."));

        // The content is part of the name: whatever a decision on newer state makes of this number, it is another payload.
        var name = NameOf(origin, data.Span);
        var now = _clock.GetUtcNow();
        if (_uploads.TryGetValue(name, out var at) && now - at < _remembered)
            return _store.AddressOf(name);
        await _store.PutAsync(name, data, origin, cancellationToken);
        Remember(name, now);
        return _store.AddressOf(name);
    }

    /// <summary>The name of the payload that a <c>dataref</c> stands for; <see langword="null"/> if it points anywhere else, which is never followed.</summary>
    internal string? NameOf(string dataRef) => _store.NameOf(dataRef);

    internal Task<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) => _store.GetAsync(name, cancellationToken);

    /// <summary><c>service/partition/number/content</c>, each without characters that need escaping in an address.</summary>
    internal static string NameOf(PayloadOrigin origin, ReadOnlySpan<byte> data)
    {
        var name = new StringBuilder(160);
        AppendSafe(name, origin.Service);
        AppendSafe(name.Append('/'), origin.Partition);
        name.Append('/').Append(origin.Number.ToString("D19", CultureInfo.InvariantCulture)).Append('/').Append(Convert.ToHexStringLower(SHA256.HashData(data)));
        return name.ToString();
    }

    private static void AppendSafe(StringBuilder name, string part)
    {
        foreach (var c in part)
        {
            // Also the dot: an address loses the parts that consist of dots only.
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
                name.Append(c);
            else
                name.Append('~').Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
        }
    }

    private void Remember(string name, DateTimeOffset now)
    {
        if (_uploads.Count >= MaxRemembered)
        {
            foreach (var (old, at) in _uploads)
            {
                if (now - at >= _remembered)
                    _uploads.TryRemove(old, out _);
            }
        }

        if (_uploads.Count < MaxRemembered)
            _uploads[name] = now;
    }
}
