namespace Pipeline.Local.Hosting;

/// <summary>One life of an app's process: connected, with its functions loaded.</summary>
/// <param name="Process">The process.</param>
/// <param name="Link">The connection to it.</param>
/// <param name="HttpUri">Where it serves HTTP itself; <see langword="null"/>: it does not, and takes requests over the connection.</param>
/// <param name="UsesNullableHttpValues">Which fields of a request it reads, if it takes them over the connection.</param>
internal sealed record RunningWorker(WorkerProcess Process, WorkerLink Link, Uri? HttpUri, bool UsesNullableHttpValues)
{
    /// <summary>Completes when it has ended, in whatever way.</summary>
    public Task Ended => Task.WhenAny(Process.Ended, Link.Lost);
}
