using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Client;

namespace Pipeline.Replay;

/// <summary>Records the calls of one gateway in a dry run and finds the answers. For dry-run gateways; not for use by several threads.</summary>
public sealed class GatewayCalls
{
    private readonly string _gateway;
    private readonly GatewayLog _log;

    internal GatewayCalls(string gateway, GatewayLog log) => (_gateway, _log) = (gateway, log);

    /// <summary>
    /// A call that has an effect under an idempotency key. The answer is what the gateway has on record under that key, else
    /// the success that is assumed; the real gateway is not called.
    /// </summary>
    /// <param name="method">Name of the method.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="arguments">All arguments, to show them.</param>
    /// <param name="json">Metadata of the answer.</param>
    /// <param name="onRecord">Asks the real gateway for the outcome of an earlier call, without effect.</param>
    /// <param name="assume">The success to assume; throws what the gateway would throw, if what it has on record tells that it would.</param>
    public async Task<T> CallAsync<T>(
        string method, string key, JsonObject arguments, JsonTypeInfo<T> json, Func<Task<T?>> onRecord, Func<T> assume)
        where T : class
    {
        string? note = null;
        if (!_log.Assumed.TryGetValue((_gateway, key), out var earlier))
        {
            try
            {
                if (await onRecord() is { } known)
                    return Record(method, arguments, json, known, AnswerSources.OnRecord);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                note = $"The gateway could not be asked ({e.GetType().Name}: {e.Message}).";
            }

            try
            {
                _log.Assumed[(_gateway, key)] = earlier = assume();
            }
            catch (Exception e)
            {
                // What is on record tells that the real gateway would refuse.
                RecordFailure(method, arguments, e);
                throw;
            }
        }

        return Record(method, arguments, json, (T)earlier, AnswerSources.Assumed, note);
    }

    /// <summary>Asks for the outcome of an earlier call by its key: what this dry run has assumed, else what the gateway says. A failure to answer is the handler's to see.</summary>
    /// <param name="method">Name of the method.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="arguments">All arguments, to show them.</param>
    /// <param name="json">Metadata of the answer.</param>
    /// <param name="ask">Asks the real gateway, without effect.</param>
    public Task<T?> FindAsync<T>(string method, string key, JsonObject arguments, JsonTypeInfo<T> json, Func<Task<T?>> ask)
        where T : class =>
        _log.Assumed.TryGetValue((_gateway, key), out var earlier)
            ? Task.FromResult<T?>(Record(method, arguments, json, (T)earlier, AnswerSources.Assumed))
            : AskAsync(method, arguments, json, ask);

    /// <summary>Asks the gateway for something that it only looks up. A failure to answer is the handler's to see.</summary>
    /// <param name="method">Name of the method.</param>
    /// <param name="arguments">All arguments, to show them.</param>
    /// <param name="json">Metadata of the answer.</param>
    /// <param name="ask">Asks the real gateway, without effect.</param>
    public async Task<T> ReadAsync<T>(string method, JsonObject arguments, JsonTypeInfo<T> json, Func<Task<T>> ask)
        where T : class =>
        (await AskAsync(method, arguments, json, async () => await ask()))!;

    private async Task<T?> AskAsync<T>(string method, JsonObject arguments, JsonTypeInfo<T> json, Func<Task<T?>> ask)
        where T : class
    {
        T? answer;
        try
        {
            answer = await ask();
        }
        catch (Exception e)
        {
            RecordFailure(method, arguments, e);
            throw;
        }

        if (answer is not null)
            return Record(method, arguments, json, answer, AnswerSources.Asked);
        _log.Calls.Add(new GatewayCall(_gateway, method, arguments, null, AnswerSources.Asked));
        return null;
    }

    private T Record<T>(string method, JsonObject arguments, JsonTypeInfo<T> json, T answer, string source, string? note = null)
    {
        _log.Calls.Add(new GatewayCall(_gateway, method, arguments, JsonSerializer.SerializeToNode(answer, json), source, note));
        return answer;
    }

    private void RecordFailure(string method, JsonObject arguments, Exception e) =>
        _log.Calls.Add(new GatewayCall(_gateway, method, arguments, null, AnswerSources.Failed, $"{e.GetType().Name}: {e.Message}"));
}
