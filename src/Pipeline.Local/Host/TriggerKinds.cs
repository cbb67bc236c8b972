using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>Makes the trigger that a binding stands for, with settings and host.json filled in.</summary>
internal sealed class TriggerKinds(IConfiguration configuration, HostJson hostJson)
{
    private ServiceBusSettings? _serviceBus;

    /// <summary><see langword="null"/> if this host has no such trigger.</summary>
    /// <exception cref="StartupException">The binding's values make no sense, or a setting is missing.</exception>
    public FunctionTrigger? Create(string function, RawBinding binding) => binding.Kind switch
    {
        RawBinding.Http => new HttpFunctionTrigger(function, binding, hostJson.RoutePrefix),
        RawBinding.CosmosDB => new CosmosFunctionTrigger(binding, configuration),
        RawBinding.ServiceBus => new ServiceBusFunctionTrigger(binding, configuration, _serviceBus ??= ServiceBusSettings.Read(hostJson.ServiceBus)),
        RawBinding.Timer => new TimerFunctionTrigger(binding, configuration),
        RawBinding.EventGrid => new EventGridFunctionTrigger(),
        _ => null,
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
            : throw new StartupException($"its connection setting '{setting}' is not set (identity-based connections have no place here).");
    }
}
