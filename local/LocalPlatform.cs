namespace Pipeline.Local;

/// <summary>The Azure services that a pipeline needs, embedded in this process.</summary>
public sealed class LocalPlatform : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
