using Pipeline.Messages;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>What all consumers of an application share.</summary>
/// <param name="Catalog">All messages.</param>
/// <param name="Options">How failures and duplicates are treated.</param>
/// <param name="ClaimCheck">Where data is that is too large for its message.</param>
/// <param name="Gateways">Has the gateways that handlers call.</param>
/// <param name="Breakers">The gateways' breakers; <see langword="null"/> to call them whatever happens.</param>
/// <param name="Clock">The time.</param>
/// <param name="Random">Spreads retries.</param>
public sealed record ConsumerServices(
    MessageCatalog Catalog,
    ConsumerOptions Options,
    ClaimCheck ClaimCheck,
    IServiceProvider Gateways,
    GatewayBreakers? Breakers,
    TimeProvider Clock,
    Random Random)
{
    /// <summary>How failures and duplicates are treated.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ConsumerOptions Options { get; init; } = (Options ?? throw new ArgumentNullException(nameof(Options))).Checked();

    /// <summary>The pauses before a message that was not handled is left to the broker, which delivers it again at once.</summary>
    internal Backoff RedeliveryPauses() => new(Clock, Random) { First = Options.FirstRedeliveryPause, Longest = Options.LongestRedeliveryPause };
}
