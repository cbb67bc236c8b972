using Pipeline.Consumers;

namespace Pipeline.Services;

/// <summary>What the sample brings to the pipeline: its consumers.</summary>
public static partial class Catalog
{
    /// <summary>All consumers, one per Service Bus subscription or queue: every static property of a type of this assembly that holds one.</summary>
    public static IReadOnlyList<Consumer> Consumers { get; } = Generated();

    /// <summary>The generated part; without it there are no consumers, so that the generator can build what it reads.</summary>
    static partial void AddAll(List<Consumer> consumers);

    private static List<Consumer> Generated()
    {
        var consumers = new List<Consumer>();
        AddAll(consumers);
        return consumers;
    }
}
