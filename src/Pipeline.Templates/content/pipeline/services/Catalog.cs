using Pipeline.Consumers;

namespace Company.App_1.Services;

/// <summary>Every consumer: every static property of a type of this assembly that holds one. <c>pipeline generate</c> lists them here.</summary>
public static partial class Catalog
{
    /// <summary>Gets all consumers.</summary>
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
