using System.Runtime.CompilerServices;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>The properties with which a client attached a link. The library would send them back with those of the server.</summary>
internal static class SentProperties
{
    private static readonly ConditionalWeakTable<AmqpLinkSettings, Fields> Kept = [];

    public static void Keep(AmqpLinkSettings settings, Fields properties) => Kept.Add(settings, properties);

    /// <summary>The time that a client gives the server, if it said.</summary>
    public static TimeSpan? TimeoutOf(AmqpLinkSettings settings) =>
        Kept.TryGetValue(settings, out var properties) && properties.TryGetValue<uint>(AmqpErrors.Timeout, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;
}
