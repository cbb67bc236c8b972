using Microsoft.Extensions.DependencyInjection;
using Pipeline.Consumers;

namespace Pipeline.Functions;

/// <summary>One runner and one dead-letter queue processor per consumer.</summary>
public sealed class ConsumerRunners
{
    private readonly Dictionary<string, (ConsumerRunner Runner, DeadLetterQueueProcessor Processor)> _byName;

    public ConsumerRunners(IServiceProvider provider, IEnumerable<Consumer> consumers, Stores stores)
    {
        _byName = consumers.ToDictionary(
            c => c.Name,
            c => (ActivatorUtilities.CreateInstance<ConsumerRunner>(provider, c, stores.Of(c.Service)),
                ActivatorUtilities.CreateInstance<DeadLetterQueueProcessor>(provider, c, stores.Of(c.Service))),
            StringComparer.Ordinal);
    }

    public ConsumerRunner RunnerOf(string consumer) => _byName[consumer].Runner;

    public DeadLetterQueueProcessor DeadLetterQueueProcessorOf(string consumer) => _byName[consumer].Processor;
}
