using Pipeline.Consumers;

namespace Pipeline.Generation;

/// <summary>A consumer with the static property that holds it.</summary>
internal sealed record DeclaredConsumer(string Property, Consumer Consumer);
