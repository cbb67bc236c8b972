using System.Text.Json;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.ServiceBus.Grpc;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Makes the session actions of an invocation from what the host tells of the session: its id and its lock.</summary>
[SupportsDeferredBinding]
[SupportedTargetType(typeof(ServiceBusSessionMessageActions))]
internal sealed class ServiceBusSessionMessageActionsConverter(Settlement.SettlementClient settlement) : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        var data = context.FunctionContext.BindingContext.BindingData;
        if (SessionIdOf(data) is not { } session)
            return ValueTask.FromResult(ConversionResult.Failed(new InvalidOperationException("The host sent no SessionId.")));
        if (!data.TryGetValue("SessionActions", out var value) || value is not string json)
            return ValueTask.FromResult(ConversionResult.Failed(new InvalidOperationException("The host sent no SessionActions.")));
        using var actions = JsonDocument.Parse(json);
        var lockedUntil = actions.RootElement.GetProperty("SessionLockedUntil").GetDateTimeOffset();
        return ValueTask.FromResult(ConversionResult.Success(new ServiceBusSessionMessageActions(settlement, session, lockedUntil)));
    }

    /// <summary>Of a batch the host names the session once for every message.</summary>
    private static string? SessionIdOf(IReadOnlyDictionary<string, object?> data)
    {
        if (data.TryGetValue("SessionId", out var one) && one is string session)
            return session;
        return data.TryGetValue("SessionIdArray", out var many) && many is IEnumerable<string> sessions ? sessions.FirstOrDefault() : null;
    }
}
