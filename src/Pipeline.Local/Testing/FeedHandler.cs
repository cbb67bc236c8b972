using System.Net;
using Pipeline.Local.Cosmos;

namespace Pipeline.Local.Testing;

/// <summary>
/// Lets a change wake the SDK's change feed processor, which can only poll: the answer "nothing new" is held back until
/// there is something. The processor's own clock, the system's, so has no say in when a function sees a change.
/// </summary>
internal sealed class FeedHandler(HttpMessageHandler inner, CosmosEndpoint cosmos) : HttpMessageHandler
{
    /// <summary>Real time: less than the SDK waits for an answer, after which it would take the endpoint for dead.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(20);

    private readonly HttpMessageInvoker _inner = new(inner);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;

        // Partition key ranges are read as a feed too.
        var isFeed = path.EndsWith("/docs", StringComparison.Ordinal) && request.Headers.NonValidated.Contains("A-IM");
        while (true)
        {
            var response = await _inner.SendAsync(request, cancellationToken);
            if (!isFeed || response.StatusCode != HttpStatusCode.NotModified || FeedActivity.Current is not { } feed)
                return response;
            if (!long.TryParse((response.Headers.ETag?.Tag ?? "").Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var lsn))
                return response;
            if (cosmos.Park(path, lsn, feed) is { } read && !await WaitAsync(read, path, cancellationToken))
                return response;
            response.Dispose();

            // On from where it has read to: asked for "now" again, it would skip the very change that woke it.
            request.Headers.Remove("If-None-Match");
            request.Headers.TryAddWithoutValidation("If-None-Match", response.Headers.ETag!.Tag);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }

    /// <returns>Whether there is a change.</returns>
    private async Task<bool> WaitAsync(ParkedRead read, string path, CancellationToken cancellationToken)
    {
        try
        {
            await read.Changed.WaitAsync(_longest, TimeProvider.System, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            cosmos.Unpark(path, read);
        }
    }
}
