using System.Net;

namespace Pipeline.Local.Testing;

/// <summary>A request whose body cannot be read to its end is given up, as over a network; the server in memory would wait for the rest.</summary>
internal sealed class TornBodies(HttpMessageHandler server) : DelegatingHandler(server)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not { } content)
            return base.SendAsync(request, cancellationToken);

        // Nobody can say when the last has let go of it, and it holds nothing.
        var torn = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        request.Content = new Body(content, torn);
        return base.SendAsync(request, torn.Token);
    }

    private sealed class Body : HttpContent
    {
        private readonly HttpContent _content;
        private readonly CancellationTokenSource _torn;

        public Body(HttpContent content, CancellationTokenSource torn)
        {
            _content = content;
            _torn = torn;
            foreach (var (name, values) in content.Headers)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            try
            {
                await _content.CopyToAsync(stream, context, cancellationToken);
            }
            catch
            {
                await _torn.CancelAsync();
                throw;
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = _content.Headers.ContentLength ?? 0;
            return _content.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _content.Dispose();
            base.Dispose(disposing);
        }
    }
}
