using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Messages;

namespace Pipeline.Testing.Messages;

/// <summary>Finds messages and consumers of the app, or says what is missing.</summary>
internal static class CatalogLookup
{
    /// <summary>The message type that a record stands for.</summary>
    /// <exception cref="ArgumentException">The record is in no catalog.</exception>
    public static MessageType TypeOf(MessageCatalog catalog, Type record) =>
        catalog.All.FirstOrDefault(t => t.DataType == record) ?? throw new ArgumentException(
            $"'{record}' is not in the catalog of the app. Put [Event(\"com.example.owner.name.v1\", \"topic\", \"{{field}}\")] (or [Command], [Reply]) at the record "
            + $"and run: {ContractFiles.GenerateCommand}. The catalog has {Names(catalog.All.Select(t => t.DataType.Name))}.");

    /// <summary>The message type that a record stands for, and a consumer of the app handles.</summary>
    /// <exception cref="ArgumentException">The consumer is not one of the app, the record is in no catalog, or the consumer has no handler for it.</exception>
    public static MessageType TypeFor(Consumer consumer, IEnumerable<Consumer> consumers, MessageCatalog catalog, Type record)
    {
        CheckConsumer(consumers, consumer);
        var type = TypeOf(catalog, record);
        CheckHandler(catalog, consumer, type);
        return type;
    }

    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : "none";

    /// <summary>Checks that a consumer handles a message, as it is or as a later version.</summary>
    private static void CheckHandler(MessageCatalog catalog, Consumer consumer, MessageType type)
    {
        if (HandledVersions.Of(consumer, catalog, type) is not null)
            return;
        throw new ArgumentException(
            $"The consumer '{consumer.Name}' has no handler for '{type.DataType.Name}' ({type.Name}). It handles {Names(consumer.Handles.Select(t => t.Name))}. "
            + $"Add .On<{type.DataType.Name}>(...) to it, or deliver to another consumer.");
    }

    private static void CheckConsumer(IEnumerable<Consumer> consumers, Consumer consumer)
    {
        var names = consumers.Select(c => c.Name).ToList();
        if (!names.Contains(consumer.Name, StringComparer.Ordinal))
            throw new ArgumentException($"The consumer '{consumer.Name}' is not in PipelineDefinition.Consumers. Run: {ContractFiles.GenerateCommand}. There are {Names(names)}.");
    }
}
