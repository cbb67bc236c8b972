using System.Text.Json;
using Pipeline.Cli.Applications;
using Pipeline.Client;

namespace Pipeline.Cli.RequestDemo;

/// <summary>Sends the requests of a demo.</summary>
internal sealed class RequestSending(PipelineClient client, TransientRetry retry, TimeProvider clock, string runId, RequestTally tally)
{
    private const int Concurrency = 16;
    private const string CorrelationId = "correlationId";

    /// <summary>Sends all requests, one kind after the other; each is reported when it is accepted.</summary>
    /// <exception cref="CliFailure">One was refused.</exception>
    public async Task RunAsync(IReadOnlyList<DemoRequest> requests, Action<SentRequest> onAccepted, CancellationToken cancellationToken)
    {
        var before = 0;
        foreach (var request in requests)
        {
            var begun = clock.GetTimestamp();
            var first = before + 1;
            var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, request.Count, options, async (i, token) =>
            {
                if (request.PerSecond is { } rate && TimeSpan.FromSeconds(i / rate) - clock.GetElapsedTime(begun) is { Ticks: > 0 } early)
                    await Task.Delay(early, clock, token);
                var accepted = await SendAsync(request, first + i, token);
                tally.CountSent();
                onAccepted(accepted);
            });
            before += request.Count;
        }
    }

    private async Task<SentRequest> SendAsync(DemoRequest request, int number, CancellationToken cancellationToken)
    {
        // The same key on every attempt, because a failed attempt may have been carried out.
        var id = string.Create(CultureInfo.InvariantCulture, $"demo-{runId}-{number}");
        try
        {
            var answer = await retry.RetryAsync(
                token => client.SendJsonAsync(new HttpMethod(request.Method), request.PathOf(number, id), request.BodyOf(number, id), id, id, token), cancellationToken);
            return new SentRequest(number, CorrelationIdIn(answer) ?? id);
        }
        catch (PipelineClientException failure)
        {
            throw new CliFailure(string.Create(CultureInfo.InvariantCulture, $"Request {number} of {DemoFile.Name} was not accepted. {failure.Message}"), failure);
        }
    }

    /// <summary>An application may choose the id itself.</summary>
    private static string? CorrelationIdIn(JsonElement? answer) =>
        answer is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(CorrelationId, out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
}
