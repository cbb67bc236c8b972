using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Replay;
using Pipeline.State;

namespace Pipeline.AzureFunctions;

/// <summary>
/// Adds to a pipeline what only its app knows. Errors are not thrown here: the start of the app ends with a list of all of them.
/// </summary>
public sealed class PipelineBuilder
{
    private readonly List<Setting> _settings = [];
    private readonly List<ProblemType> _problems = [];
    private readonly List<string> _errors = [];
    private readonly HashSet<Type> _gateways = [];
    private readonly HashSet<Type> _states = [];

    internal PipelineBuilder(IServiceCollection services, IConfiguration configuration, PipelineDefinition definition)
    {
        Services = services;
        Configuration = configuration;
        Definition = definition;
        if (definition.Consumers.Count == 0)
        {
            _errors.Add("There are no consumers: define one with Consumer.Of(\"topic/subscription\", \"service\", ...) in a static property; "
                + $"then run: {Contracts.ContractFiles.GenerateCommand}");
        }
    }

    /// <summary>Gets the services of the app.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Gets the settings of the app.</summary>
    public IConfiguration Configuration { get; }

    /// <summary>Gets what the app brings to the pipeline.</summary>
    public PipelineDefinition Definition { get; }

    internal IReadOnlyList<Setting> Settings => _settings;

    internal IReadOnlyList<ProblemType> Problems => _problems;

    internal IReadOnlyList<string> Errors => _errors;

    /// <summary>
    /// Adds a gateway that handlers call, and what takes its place in a dry run. A gateway that was registered as a service before stays.
    /// </summary>
    /// <typeparam name="TGateway">The gateway's interface.</typeparam>
    /// <param name="create">Makes the gateway; once.</param>
    /// <param name="dryRun">
    /// Makes the gateway of one dry run, of the real gateway, which it may only ask for what was done before, and the calls to record.
    /// </param>
    /// <returns>This builder.</returns>
    public PipelineBuilder AddGateway<TGateway>(
        Func<IServiceProvider, TGateway> create, Func<TGateway, GatewayCalls, IServiceProvider, TGateway> dryRun)
        where TGateway : class
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(dryRun);
        if (!_gateways.Add(typeof(TGateway)))
        {
            _errors.Add($"The gateway '{typeof(TGateway).Name}' is added twice; remove one AddGateway<{typeof(TGateway).Name}>.");
            return this;
        }

        Services.TryAddSingleton(create);
        Services.AddSingleton(provider => DryRunGateway.For<TGateway>((real, calls) => dryRun(real, calls, provider)));
        return this;
    }

    /// <summary>Adds what runs commands and queries on a state. The generated <c>AddCommandRunners</c> calls this for all states.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="state">How the state is stored.</param>
    /// <param name="service">The service that the state belongs to.</param>
    /// <returns>This builder.</returns>
    public PipelineBuilder AddCommandRunner<TState>(StateModel<TState> state, string service)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(service);
        var services = Definition.Services;
        if (!services.Contains(service, StringComparer.Ordinal))
        {
            _errors.Add($"The state '{typeof(TState).Name}' belongs to the service '{service}', which has no consumer. "
                + $"There are {string.Join(", ", services.Order(StringComparer.Ordinal))}. Correct its name in AddCommandRunner, or run: {Contracts.ContractFiles.GenerateCommand}");
        }

        if (!_states.Add(typeof(TState)))
            _errors.Add($"The state '{typeof(TState).Name}' is added twice; remove one AddCommandRunner.");
        Services.AddSingleton(provider => new CommandRunner<TState>(
            provider.GetRequiredService<Stores>().Of(service), state, provider.GetRequiredService<ConsumerServices>()));
        return this;
    }

    /// <summary>
    /// Adds problem types that the app's own HTTP API answers with, so that <c>/api/problems/{slug}</c> documents them, and the refusals of
    /// commands with these codes become them.
    /// </summary>
    /// <param name="problems">The types.</param>
    /// <returns>This builder.</returns>
    public PipelineBuilder AddProblemTypes(IEnumerable<ProblemType> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        _problems.AddRange(problems);
        return this;
    }

    /// <summary>
    /// Adds settings of the app itself. They are checked at the start; a name with the same first part that is not added is an error then.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <returns>This builder.</returns>
    public PipelineBuilder AddSettings(params IEnumerable<Setting> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings.AddRange(settings);
        return this;
    }
}
