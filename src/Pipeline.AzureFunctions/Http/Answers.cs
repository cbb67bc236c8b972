using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.Commands;
using Pipeline.Decisions;
using Pipeline.Storage;

namespace Pipeline.AzureFunctions.Http;

/// <summary>Answers of an HTTP API: problem details (RFC 9457), and the results of commands.</summary>
public static class Answers
{
    /// <summary>The content type of problem details (RFC 9457, section 3).</summary>
    public const string ProblemContentType = "application/problem+json";

    /// <summary>Gets an answer with problem details.</summary>
    /// <param name="type">The type; it has the title and the status.</param>
    /// <param name="detail">What is wrong with this request.</param>
    /// <param name="errors">The same by the place of each error.</param>
    public static IResult Problem(ProblemType type, string detail, IReadOnlyDictionary<string, string[]>? errors = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Results.Json(new ProblemDetails(type.Uri, type.Title, type.Status, detail, errors), ProblemJson.Readable.ProblemDetails, ProblemContentType, type.Status);
    }

    /// <summary>Gets 404.</summary>
    /// <param name="what">What there is not, such as <c>order 'o-1'</c>.</param>
    public static IResult NotFound(string what) => Problem(ProblemTypes.NotFound, $"There is no {what}.");

    /// <summary>Gets 503, or 500 for a failure that a retry cannot fix. The cause goes to the log, not to the caller.</summary>
    /// <param name="request">The request.</param>
    /// <param name="e">The failure: of Cosmos DB or the payload store.</param>
    public static IResult Unavailable(HttpRequest request, Exception e)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Answers)).LogError(e, "{Path} could not be served.", request.Path);
        if (e is DamagedPartitionException damage)
            return Problem(ProblemTypes.DamagedPartition, $"Records of '{damage.Partition}' are missing or cannot be read. Retrying does not help: an operator has to restore them.");
        return Problem(ProblemTypes.StoreUnavailable, "The store is temporarily unavailable. It is safe to retry with the same Idempotency-Key.");
    }

    /// <summary>Answers a request; failures of the store become <see cref="Unavailable"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">Reads or writes, and answers.</param>
    public static async Task<IResult> GuardAsync(HttpRequest request, Func<Task<IResult>> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        try
        {
            return await answer();
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException)
        {
            return Unavailable(request, e);
        }
    }

    /// <summary>
    /// Runs a command and answers with its result. A refusal becomes the problem whose slug is its code, or else
    /// <see cref="ProblemTypes.CommandRefused"/>; a key that came before with another body, <see cref="ProblemTypes.IdempotencyKeyReused"/>;
    /// a failure of the store, <see cref="Unavailable"/>.
    /// </summary>
    /// <typeparam name="TState">The state that the command is for.</typeparam>
    /// <param name="commands">Runs the command.</param>
    /// <param name="request">The request.</param>
    /// <param name="command">The command.</param>
    /// <param name="decide">Decides what the command does.</param>
    /// <param name="accepted">Answers a command that was done now or before.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <param name="refused">Answers a refusal in another way; <see langword="null"/> for as said above.</param>
    public static Task<IResult> AnswerAsync<TState>(
        this CommandRunner<TState> commands,
        HttpRequest request,
        HttpCommand command,
        Func<TState?, HandlerContext, Decision<TState>> decide,
        Func<CommandResult<TState>, IResult> accepted,
        CancellationToken cancellationToken,
        Func<Refusal, IResult?>? refused = null)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(commands);
        ArgumentNullException.ThrowIfNull(accepted);
        return GuardAsync(request, async () =>
        {
            var result = await commands.RunAsync(command, decide, cancellationToken);
            return result.Outcome switch
            {
                CommandOutcome.KeyReused => Problem(ProblemTypes.IdempotencyKeyReused, "The same key came before with a different body. Use a new key for a new request."),
                CommandOutcome.Refused => refused?.Invoke(result.Refusal!) ?? Refused(request, result.Refusal!),
                _ => accepted(result),
            };
        });
    }

    /// <summary>Gets the refusal of an incomplete body: malformed or ended early (400), or too slow (408).</summary>
    internal static IResult Incomplete(BadHttpRequestException e) => e.StatusCode == StatusCodes.Status408RequestTimeout
        ? Problem(ProblemTypes.BodyTimeout, "The body arrived too slowly and was not read to its end. Send the request again.")
        : Problem(ProblemTypes.BodyIncomplete, "The connection ended before the body did, or its chunks are malformed. Send the request again.");

    private static IResult Refused(HttpRequest request, Refusal refusal) =>
        Problem(request.HttpContext.RequestServices.GetRequiredService<ProblemCatalog>().Find(refusal.Code) ?? ProblemTypes.CommandRefused, refusal.Reason);
}
