using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Worker;

/// <summary>Makes the trigger that an attribute stands for, with settings and host.json filled in.</summary>
internal sealed class TriggerKinds(IConfiguration configuration, HostJson hostJson, bool usesAspNetCore)
{
    private ServiceBusSettings? _serviceBus;

    /// <exception cref="StartupException">The attribute's values make no sense, or a setting is missing.</exception>
    public FunctionTrigger Create(string function, TriggerBindingAttribute attribute) => attribute switch
    {
        HttpTriggerAttribute http => new HttpFunctionTrigger(function, http, hostJson.RoutePrefix, usesAspNetCore),
        CosmosDBTriggerAttribute cosmos => new CosmosFunctionTrigger(cosmos, configuration),
        ServiceBusTriggerAttribute bus => new ServiceBusFunctionTrigger(bus, configuration, _serviceBus ??= ServiceBusSettings.Read(hostJson.ServiceBus)),
        TimerTriggerAttribute timer => new TimerFunctionTrigger(timer, configuration),
        EventGridTriggerAttribute grid => new EventGridFunctionTrigger(grid),
        _ => throw new StartupException($"the Local build does not host {attribute.GetType().Name}."),
    };

    /// <summary>Adds what is wrong with functions in combination.</summary>
    public static void CheckTogether(IReadOnlyList<HostedFunction> functions, ICollection<string> problems)
    {
        CosmosFunctionTrigger.CheckTogether(functions, problems);
        HttpFunctionTrigger.CheckTogether(functions, problems);
    }

    /// <summary>The value of the setting that a trigger's <c>Connection</c> names.</summary>
    public static string ConnectionString(IConfiguration configuration, string? name, string standard)
    {
        var setting = Settings.Resolve(configuration, name) ?? standard;
        return configuration[setting] is { Length: > 0 } value
            ? value
            : throw new StartupException($"its connection setting '{setting}' is not set (identity-based connections have no place in the Local build).");
    }
}
