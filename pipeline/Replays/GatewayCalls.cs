using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Replays;

/// <summary>Where the answer to a gateway call of a dry run came from.</summary>
public static class AnswerSources
{
    /// <summary>The gateway has it on record: it was asked for before, under the same key.</summary>
    public const string OnRecord = "onRecord";

    /// <summary>Nobody knows; success is assumed.</summary>
    public const string Assumed = "assumed";

    /// <summary>The gateway was asked, which has no effect.</summary>
    public const string Asked = "asked";

    /// <summary>The gateway was asked and did not answer; the handler saw the failure.</summary>
    public const string Failed = "failed";
}

/// <summary>One call of a gateway in a dry run.</summary>
/// <param name="Gateway">The gateway's interface.</param>
/// <param name="Method">What was called.</param>
/// <param name="Arguments">With what.</param>
/// <param name="Answer">What the handler got; <see langword="null"/> for nothing.</param>
/// <param name="Source">One of <see cref="AnswerSources"/>.</param>
/// <param name="Note">Why it could not be asked or failed; <see langword="null"/> otherwise.</param>
public sealed record GatewayCall(string Gateway, string Method, JsonNode? Arguments, JsonNode? Answer, string Source, string? Note = null);

/// <summary>What the gateways of one dry run were asked, and what they assumed to have done.</summary>
internal sealed class GatewayLog
{
    /// <summary>By gateway and key: what a later step of the same dry run has to see.</summary>
    public Dictionary<(string Gateway, string Key), object> Assumed { get; } = [];

    public List<GatewayCall> Calls { get; private set; } = [];

    /// <summary>The calls since it was asked last.</summary>
    public IReadOnlyList<GatewayCall> Take()
    {
        var calls = Calls;
        Calls = [];
        return calls;
    }
}

/// <summary>Records the calls of one gateway in a dry run and finds the answers. For stand-ins; not for use by several threads.</summary>
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
