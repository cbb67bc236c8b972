namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>An event of a request: as the pipeline takes it, or what is wrong with it.</summary>
internal readonly record struct ReadEvent(ReadOnlyMemory<byte> Body, string? Wrong);
