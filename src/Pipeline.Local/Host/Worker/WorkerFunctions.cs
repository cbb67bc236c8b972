using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>Chooses which functions of an app are hosted, and makes what triggers them. What cannot be hosted is said by name.</summary>
internal sealed class WorkerFunctions(IConfiguration configuration, LocalSettings settings, TriggerKinds kinds, ILogger log)
{
    private readonly List<string> _problems = [];
    private readonly List<HostedFunction> _hosted = [];

    /// <summary>The functions that are hosted, to be loaded by the worker.</summary>
    /// <exception cref="StartupException">A function is wrong, a selected one does not exist, or there is none to host.</exception>
    public IReadOnlyList<HostedFunction> Select(AppFolder app, IReadOnlyList<RpcFunctionMetadata> all)
    {
        foreach (var name in settings.Functions.Where(name => !all.Any(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
            _problems.Add($"{LocalSettings.FunctionsName} names '{name}', and the app has no such function.");
        foreach (var metadata in all.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            if (settings.Functions.Count > 0 && !settings.Functions.Contains(metadata.Name, StringComparer.OrdinalIgnoreCase))
                continue;
            if (DisabledFunctions.Contains(configuration, metadata.Name))
                log.LogWarning("{Function} is disabled by a setting: it is not run.", metadata.Name);
            else
                Add(metadata);
        }

        TriggerKinds.CheckTogether(_hosted, _problems);
        if (_problems.Count > 0)
            throw new StartupException("The functions cannot be hosted:\n  " + string.Join("\n  ", _problems));
        return _hosted.Count > 0 ? _hosted : throw new StartupException($"{app.Assembly} has no function that this host can run.");
    }

    private void Add(RpcFunctionMetadata metadata)
    {
        try
        {
            var bindings = metadata.RawBindings.Select(RawBinding.Parse).ToList();
            var binding = bindings.Find(b => b.IsTrigger);
            var trigger = binding is null ? null : kinds.Create(metadata.Name, binding);
            if (WhyNotHosted(bindings, trigger) is { } reason)
                log.LogWarning("{Function} is not hosted: {Reason}. It does not run here.", metadata.Name, reason);
            else
                _hosted.Add(new HostedFunction(metadata, bindings, trigger!, RetryOf(metadata.RetryOptions, trigger!)));
        }
        catch (StartupException problem)
        {
            _problems.Add($"{metadata.Name}: {problem.Message}");
        }
    }

    /// <summary>Data that an output binding would send must not get lost without a word, so such a function is not run at all.</summary>
    private static string? WhyNotHosted(List<RawBinding> bindings, FunctionTrigger? trigger)
    {
        var triggers = bindings.Where(b => b.IsTrigger).ToList();
        if (triggers.Count != 1)
            return string.Create(CultureInfo.InvariantCulture, $"it has {triggers.Count} triggers");
        if (trigger is null)
            return $"its trigger is a {triggers[0].Type}, which this host does not have (it has serviceBusTrigger, cosmosDBTrigger, timerTrigger, eventGridTrigger and httpTrigger)";
        return bindings.Find(b => !b.IsTrigger && !b.IsHttpAnswer) is { } other
            ? $"its parameter or result '{other.Name}' has a binding of type {other.Type}, and this host has triggers only"
            : null;
    }

    private static RetryPolicy? RetryOf(RpcRetryOptions? options, FunctionTrigger trigger)
    {
        if (options is null)
            return null;
        if (!trigger.SupportsRetry)
            throw new StartupException("it has a retry policy, which Azure ignores for its trigger: remove it.");
        return options.RetryStrategy == RpcRetryOptions.Types.RetryStrategy.FixedDelay
            ? RetryPolicy.Checked(options.MaxRetryCount, TimeOf(options.DelayInterval), TimeOf(options.DelayInterval))
            : RetryPolicy.Checked(options.MaxRetryCount, TimeOf(options.MinimumInterval), TimeOf(options.MaximumInterval));
    }

    private static TimeSpan TimeOf(Duration? duration) => duration?.ToTimeSpan() ?? TimeSpan.Zero;
}
