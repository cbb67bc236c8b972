using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>Topics that are probably misspelt. Each is as good a name as any, so that nothing else can tell.</summary>
internal static class TopicNames
{
    /// <summary>
    /// A warning for each event that alone of its owner's goes to a topic whose name is like another one: unless the topic has the name of its
    /// owner, or a consumer reads it.
    /// </summary>
    public static IEnumerable<string> Warnings(IReadOnlyList<Contract> contracts, IReadOnlyList<Consumer> consumers)
    {
        var events = contracts.Where(c => c.IsEvent && !c.IsRetired).ToList();
        var read = consumers.Where(c => c.Name.Contains('/', StringComparison.Ordinal)).Select(c => c.Destination).ToHashSet(StringComparer.Ordinal);
        var topics = events.Select(c => c.Destination).Concat(read).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        foreach (var alone in events.GroupBy(c => (c.Owner, c.Destination)).Where(g => g.Count() == 1).Select(g => g.Single()))
        {
            var topic = alone.Destination;
            if (topic != alone.Owner && !read.Contains(topic) && Nearest.Like(topic, topics.Where(t => t != topic)) is { } like)
                yield return $"warning: '{alone.Type}' goes to the topic '{topic}', to which '{alone.Owner}' publishes nothing else. Did you mean {like}?";
        }
    }
}
