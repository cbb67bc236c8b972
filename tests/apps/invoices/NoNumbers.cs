namespace Pipeline.InvoiceApp;

/// <summary>Takes the place of the gateway in a dry run.</summary>
internal sealed class NoNumbers : IInvoiceNumbers
{
    public Task<string> NextAsync(string key, CancellationToken cancellationToken) => Task.FromResult("dry-run");
}
