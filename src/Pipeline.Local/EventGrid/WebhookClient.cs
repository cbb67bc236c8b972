using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Pipeline.Local.EventGrid;

/// <summary>Calls webhooks: the CloudEvents handshake, and deliveries in structured mode.</summary>
internal sealed class WebhookClient(TimeProvider clock) : IDisposable
{
    /// <summary>How long Event Grid waits for an answer. Never scaled: the work of a webhook takes real time.</summary>
    private static readonly TimeSpan ResponseWindow = TimeSpan.FromSeconds(30);

    private const string Origin = "eventgrid.azure.net";
    private static readonly MediaTypeHeaderValue StructuredMode = new("application/cloudevents+json", "utf-8");

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ActivityHeadersPropagator = null,
    });

    /// <summary>Posts one event.</summary>
    /// <param name="endpoint">The webhook.</param>
    /// <param name="delivery">What to deliver.</param>
    /// <param name="stop">Set when the platform closes.</param>
    public async Task<AttemptResult> DeliverAsync(Uri endpoint, Delivery delivery, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(delivery.Event.Json) };
        request.Content.Headers.ContentType = StructuredMode;
        request.Headers.Add("aeg-subscription-name", delivery.Subscription.WireName);
        request.Headers.Add("aeg-delivery-count", delivery.FailedAttempts.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("aeg-event-type", "Notification");
        request.Headers.Add("aeg-metadata-version", "1");
        return await SendAsync(request, Result, stop);
    }

    /// <summary>Asks whether the webhook wants to be called.</summary>
    public async Task<AttemptResult> ShakeHandsAsync(Uri endpoint, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, endpoint);
        request.Headers.Add("WebHook-Request-Origin", Origin);
        return await SendAsync(request, HandshakeResult, stop);
    }

    public void Dispose() => _http.Dispose();

    private async Task<AttemptResult> SendAsync(
        HttpRequestMessage request, Func<HttpResponseMessage, AttemptResult> result, CancellationToken stop)
    {
        using var window = new CancellationTokenSource(ResponseWindow, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(window.Token, stop);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            return result(response);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return AttemptResult.Abandoned;
        }
        catch (OperationCanceledException)
        {
            return new AttemptResult("TimedOut", 0, string.Create(CultureInfo.InvariantCulture,
                $"No answer within {ResponseWindow.TotalSeconds} seconds."));
        }
        catch (HttpRequestException error)
        {
            var isUnknownHost = error.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound };
            return new AttemptResult(isUnknownHost ? "ResolutionError" : "SocketError", 0, error.Message);
        }
    }

    private AttemptResult Result(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return status is >= 200 and <= 204
            ? new AttemptResult("Delivered", status)
            : new AttemptResult(OutcomeOf(response.StatusCode), status,
                string.Create(CultureInfo.InvariantCulture, $"The answer was {status}."), RetryAfter(response));
    }

    private static AttemptResult HandshakeResult(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status is not (>= 200 and <= 204))
            return new AttemptResult(OutcomeOf(response.StatusCode), status, string.Create(CultureInfo.InvariantCulture,
                $"The handshake (OPTIONS) was answered with {status}."));
        var allowed = response.Headers.TryGetValues("WebHook-Allowed-Origin", out var values) ? string.Join(',', values).Trim() : null;
        return allowed == "*" || Origin.Equals(allowed, StringComparison.OrdinalIgnoreCase)
            ? new AttemptResult("Delivered", status)
            : new AttemptResult("Unauthorized", 0, string.Create(CultureInfo.InvariantCulture,
                $"The handshake (OPTIONS) was answered with {status} and WebHook-Allowed-Origin '{allowed}', not '{Origin}'."));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
            return null;
        var header = response.Headers.RetryAfter;
        return header?.Delta ?? header?.Date - clock.GetUtcNow();
    }

    private static string OutcomeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => "BadRequest",
        HttpStatusCode.Unauthorized => "Unauthorized",
        HttpStatusCode.Forbidden => "Forbidden",
        HttpStatusCode.NotFound => "NotFound",
        HttpStatusCode.RequestTimeout => "TimedOut",
        HttpStatusCode.RequestEntityTooLarge => "PayloadTooLarge",
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => "Busy",
        _ => "GenericError",
    };
}
