using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.Consumers;

namespace Pipeline.AzureFunctions.Consumers;

/// <summary>One runner and one dead-letter queue processor per consumer.</summary>
public sealed class ConsumerRunners
{
    private readonly Dictionary<string, (ConsumerRunner Runner, DeadLetterQueueProcessor Processor)> _byName;

    /// <summary>Creates them.</summary>
    /// <param name="provider">The services.</param>
    /// <param name="consumers">The consumers.</param>
    /// <param name="stores">The containers of their services.</param>
    public ConsumerRunners(IServiceProvider provider, IEnumerable<Consumer> consumers, Stores stores)
    {
        _byName = consumers.ToDictionary(
            c => c.Name,
            c => (ActivatorUtilities.CreateInstance<ConsumerRunner>(provider, c, stores.Of(c.Service)),
                ActivatorUtilities.CreateInstance<DeadLetterQueueProcessor>(provider, c, stores.Of(c.Service))),
            StringComparer.Ordinal);
    }

    /// <summary>Gets the runner of a consumer.</summary>
    /// <param name="consumer">The consumer's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such consumer.</exception>
    public ConsumerRunner RunnerOf(string consumer) => _byName[consumer].Runner;

    /// <summary>Gets the dead-letter queue processor of a consumer.</summary>
    /// <param name="consumer">The consumer's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such consumer.</exception>
    public DeadLetterQueueProcessor DeadLetterQueueProcessorOf(string consumer) => _byName[consumer].Processor;
}
