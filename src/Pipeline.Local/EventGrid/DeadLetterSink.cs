namespace Pipeline.Local.EventGrid;

/// <summary>Writes the blob of a dead letter.</summary>
/// <param name="blobName">Container and name, separated by the first slash. The same dead letter always has the same.</param>
/// <param name="json">The blob's content.</param>
/// <param name="cancellationToken">Set when the platform closes.</param>
internal delegate Task DeadLetterSink(string blobName, ReadOnlyMemory<byte> json, CancellationToken cancellationToken);
