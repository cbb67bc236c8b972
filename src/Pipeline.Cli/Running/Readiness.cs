using System.Net;
using Pipeline.Client;

namespace Pipeline.Cli.Running;

/// <summary>Checks whether a pipeline answers and is ready.</summary>
internal static class Readiness
{
    /// <returns>Whether it is ready; <see langword="false"/> also when nothing listens or it is still starting.</returns>
    /// <exception cref="CliFailure">Something else answers at the address.</exception>
    public static async Task<bool> IsReadyAsync(PipelineClient client, CancellationToken cancellationToken) =>
        await AskAsync(client, cancellationToken) == Answer.Ready;

    /// <summary>Whether anything answers at all, ready or not.</summary>
    public static async Task<bool> IsThereAsync(PipelineClient client, CancellationToken cancellationToken) =>
        await AskAsync(client, cancellationToken) != Answer.None;

    private static async Task<Answer> AskAsync(PipelineClient client, CancellationToken cancellationToken)
    {
        try
        {
            var health = await client.Monitoring.GetHealthAsync(cancellationToken);
            return health.Status == "ready" ? Answer.Ready : Answer.NotReady;
        }
        catch (PipelineUnreachableException)
        {
            return Answer.None;
        }
        catch (PipelineRefusedException refusal) when (refusal.Status == HttpStatusCode.ServiceUnavailable)
        {
            return Answer.NotReady;
        }
        catch (PipelineRefusedException refusal)
        {
            throw new CliFailure(
                string.Create(CultureInfo.InvariantCulture,
                    $"Something answers at {client.Url}, but it is not the pipeline ({(int)refusal.Status} from {client.Address("api/health")}). ")
                + "Stop it, or give the pipeline's address with --url.",
                refusal);
        }
    }

    private enum Answer
    {
        None,
        NotReady,
        Ready,
    }
}
