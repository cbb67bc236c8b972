namespace Pipeline.Payloads;

/// <summary>A payload store that is read and never written, for dry runs.</summary>
internal sealed class ReadOnlyPayloadStore(IPayloadStore inner) : IPayloadStore
{
    public string AddressOf(string name) => inner.AddressOf(name);

    public string? NameOf(string address) => inner.NameOf(address);

    /// <summary>Nothing is stored.</summary>
    public Task PutAsync(string name, ReadOnlyMemory<byte> content, PayloadOrigin? origin, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) => inner.GetAsync(name, cancellationToken);

    public Task<bool> DeleteAsync(string name, string etag, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A dry run deletes nothing.");

    public Task<PayloadPage> ListAsync(string? prefix, string? continuation, CancellationToken cancellationToken) => inner.ListAsync(prefix, continuation, cancellationToken);
}
