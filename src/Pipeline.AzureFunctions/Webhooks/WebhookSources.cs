using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Pipeline.Consumers;
using Pipeline.Messages;

namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>
/// The allowed senders of events at <c>/api/webhooks/{source}</c>: one per consumer <c>webhooks/{source}</c> with settings
/// <c>Webhooks__{source}__…</c>.
/// </summary>
public sealed class WebhookSources
{
    private const string Section = "Webhooks";
    private const int DigestBytes = 32;

    /// <summary>Two, so that a new token can be issued before the old one is revoked.</summary>
    private const int MaxTokens = 2;

    internal static readonly string[] SettingNames = ["tokenSha256", "origins", "types", "retired"];
    private static readonly byte[] DigestOfNothing = SHA256.HashData([]);

    private readonly FrozenDictionary<string, WebhookSource> _byName;

    private WebhookSources(IEnumerable<WebhookSource> sources) => _byName = sources.ToFrozenDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">Some are invalid; the message has a line for each source with its first error.</exception>
    public static WebhookSources Read(IConfiguration configuration, IEnumerable<Consumer> consumers, MessageCatalog catalog)
    {
        var byName = consumers
            .Where(c => c.Name.StartsWith(WebhookSource.Topic + "/", StringComparison.Ordinal))
            .ToDictionary(c => c.Name[(WebhookSource.Topic.Length + 1)..], StringComparer.OrdinalIgnoreCase);
        var sources = new List<WebhookSource>();
        var errors = new List<string>();
        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            if (section.GetChildren().All(setting => string.IsNullOrWhiteSpace(setting.Value)))
                continue;
            try
            {
                sources.Add(SourceOf(byName, section, catalog));
            }
            catch (InvalidOperationException wrong)
            {
                errors.Add(wrong.Message);
            }
        }

        return errors.Count == 0 ? new WebhookSources(sources) : throw new InvalidOperationException(string.Join('\n', errors));
    }

    internal WebhookSource? Find(string name) => _byName.GetValueOrDefault(name);

    private static WebhookSource SourceOf(Dictionary<string, Consumer> byName, IConfigurationSection section, MessageCatalog catalog)
    {
        if (!byName.TryGetValue(section.Key, out var consumer))
            throw Wrong(section.Key, null, $"there is no consumer '{WebhookSource.Topic}/{section.Key}'. Sources with a consumer: {string.Join(", ", byName.Keys)}");
        if (section.GetChildren().FirstOrDefault(c => !SettingNames.Contains(c.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw Wrong(section.Key, unknown.Key, $"is not a setting of a webhook source; its settings are {string.Join(", ", SettingNames)}");
        var name = consumer.Name[(WebhookSource.Topic.Length + 1)..];
        var isRetired = (section["retired"] ?? "").ToLowerInvariant() switch
        {
            "true" => true,
            "false" or "" => false,
            var other => throw Wrong(name, "retired", $"is '{other}'; 'true' or 'false' is expected"),
        };
        var digests = List(section["tokenSha256"]).Select(text => DigestOf(name, text)).ToArray();
        if (digests.Length > MaxTokens)
            throw Wrong(name, "tokenSha256", $"has {digests.Length} digests; at most {MaxTokens} are allowed, of the old token and the new one");
        if (digests.Length == 0 && !isRetired)
            throw Wrong(name, "tokenSha256", "is missing: the SHA-256 digest of the token that the caller sends, in hex, such as '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'");
        var handled = consumer.Handles.Select(type => catalog.All.Single(t => t.DataType == type).Name).ToFrozenSet(StringComparer.Ordinal);
        var types = List(section["types"]).ToFrozenSet(StringComparer.Ordinal);
        if (types.FirstOrDefault(t => !handled.Contains(t)) is { } stranger)
            throw Wrong(name, "types", $"names '{stranger}', which '{consumer.Name}' does not handle; it handles {string.Join(", ", handled)}");
        var origins = List(section["origins"]).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        if (origins.FirstOrDefault(o => o.AsSpan().ContainsAnyExcept(WebhookSource.HostCharacters)) is { } origin)
            throw Wrong(name, "origins", $"names '{origin}'; host names are expected, each sender by its own, as in 'eventgrid.azure.net'");
        return new WebhookSource(name, consumer.Name, digests, origins, types.Count == 0 ? handled : types, isRetired);
    }

    /// <summary>The value is not repeated: it could be the token itself, set by mistake.</summary>
    private static byte[] DigestOf(string source, string text)
    {
        var digest = new byte[DigestBytes];
        if (text.Length != 2 * DigestBytes || Convert.FromHexString(text, digest, out _, out _) != System.Buffers.OperationStatus.Done)
            throw Wrong(source, "tokenSha256", $"holds a value of {text.Length} characters; the SHA-256 digest of a token is {2 * DigestBytes} hex digits");
        return digest.AsSpan().SequenceEqual(DigestOfNothing)
            ? throw Wrong(source, "tokenSha256", "is the digest of an empty token; perhaps a variable was empty")
            : digest;
    }

    private static string[] List(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static InvalidOperationException Wrong(string source, string? setting, string what) =>
        new($"The setting '{Section}__{source}{(setting is null ? "" : "__" + setting)}' {(setting is null ? "names a source, but " : "")}{what}.");
}
