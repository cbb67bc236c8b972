using System.Net;

namespace Pipeline.Tests;

/// <summary>
/// Sends a request again that was answered with a bare 500, as callers with an idempotency key do. On a machine that is busy with other tests
/// one half of a call may reach the worker 5 s after the other: the worker gives up then, which no setting changes, and the function never runs.
/// </summary>
internal sealed class PatientHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    private const int Attempts = 3;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (attempt == Attempts || !IsRepeatable(request) || response is not { StatusCode: HttpStatusCode.InternalServerError, Content.Headers.ContentLength: 0 })
                return response;
            response.Dispose();
        }
    }

    /// <summary>Cancelling an order that is being cancelled changes nothing.</summary>
    private static bool IsRepeatable(HttpRequestMessage request) =>
        request.Method != HttpMethod.Post || request.Headers.Contains("Idempotency-Key") || request.RequestUri!.AbsolutePath.EndsWith("/cancel", StringComparison.Ordinal);
}
