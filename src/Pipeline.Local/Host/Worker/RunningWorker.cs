namespace Pipeline.Local.Hosting;

/// <summary>A worker that is connected.</summary>
/// <param name="Link">The connection to it.</param>
/// <param name="HttpUri">Where it serves HTTP itself; <see langword="null"/>: it does not, and takes requests over the connection.</param>
/// <param name="UsesNullableHttpValues">Which fields of a request it reads, if it takes them over the connection.</param>
internal sealed record RunningWorker(WorkerLink Link, Uri? HttpUri, bool UsesNullableHttpValues)
{
    /// <summary>Sends requests to <see cref="HttpUri"/>; <see langword="null"/>: they go over the network.</summary>
    public HttpMessageInvoker? Http { get; init; }
}
