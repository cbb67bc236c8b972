using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>
/// Everything that has to be there for a consumer to work: contracts, entities, triggers, containers, relays, gateways. It is
/// generated or registered; this finds what is missing, and names the command or the code that adds it.
/// </summary>
/// <param name="consumers">The consumers.</param>
/// <param name="contracts">The contracts.</param>
/// <param name="topology">The entities.</param>
/// <param name="functions">The functions of the app; <see langword="null"/> if they are not known.</param>
/// <param name="isRegistered">Tells whether there is a service of a type.</param>
/// <param name="dryRunGateways">The gateways that have another one for dry runs.</param>
internal sealed class Wiring(
    IReadOnlyList<Consumer> consumers,
    IReadOnlyList<Contract> contracts,
    Topology topology,
    IReadOnlyList<TriggerFunction>? functions,
    Func<Type, bool> isRegistered,
    IReadOnlyList<Type> dryRunGateways)
{
    private const string Generate = "run: " + ContractFiles.GenerateCommand;
    private const string Settings = "topology.settings.json";

    private readonly ILookup<string, TopologyConsumer> _entities = topology.Consumers.ToLookup(c => c.Name, StringComparer.Ordinal);

    /// <summary>What is missing or does not fit together; empty if all is well.</summary>
    public IReadOnlyList<string> Errors() =>
    [
        .. contracts.SelectMany(DestinationErrors),
        .. consumers.SelectMany(ConsumerErrors),
        .. topology.Consumers.SelectMany(EntityErrors),
        .. (functions ?? []).SelectMany(FunctionErrors),
        .. consumers.Select(c => c.Service).Distinct(StringComparer.Ordinal).SelectMany(ServiceErrors),
        .. consumers.SelectMany(c => c.Gateways, (c, gateway) => (Consumer: c, Gateway: gateway))
            .DistinctBy(c => c.Gateway).SelectMany(c => GatewayErrors(c.Consumer, c.Gateway)),
    ];

    private IEnumerable<string> DestinationErrors(Contract contract)
    {
        if (contract.IsEvent && !topology.Topics.Contains(contract.Destination, StringComparer.Ordinal))
            yield return $"'{contract.Type}' goes to the topic '{contract.Destination}', which topology.json does not have; {Generate}";
        if (!contract.IsEvent && !topology.Queues.Contains(contract.Destination, StringComparer.Ordinal))
            yield return $"'{contract.Type}' goes to the queue '{contract.Destination}', which topology.json does not have; {Generate}";
    }

    private IEnumerable<string> ConsumerErrors(Consumer consumer)
    {
        foreach (var record in consumer.Handles.Where(t => contracts.All(c => c.DataType != t)))
        {
            yield return $"'{consumer.Name}' handles '{record}', which is no contract; "
                + $"put [Event(\"com.contoso.owner.name.v1\", \"topic\", \"{{field}}\")] at the record (or [Command], [Reply], with a queue), then {Generate}";
        }

        var entity = _entities[consumer.Name].FirstOrDefault();
        if (entity is null)
        {
            yield return $"'{consumer.Name}' has no subscription or queue in topology.json; {Generate}";
            yield break;
        }

        if (entity.IsByEventGrid != consumer.EventGridSubscription is not null)
            yield return $"'{consumer.Name}' is fed by Event Grid either in topology.json or in code, not in both; {Generate}";
        if (!entity.HasSessions && !consumer.IsUnordered)
        {
            yield return $"'{consumer.Name}' has no sessions in topology.json, so nothing keeps its order: call .Unordered() in its definition, "
                + $"or remove \"requiresSession\" from {Settings}; then {Generate}";
        }

        if (!entity.IsByEventGrid && !HasTrigger(consumer.Name, entity.HasSessions))
            yield return $"'{consumer.Name}' has no function for messages{(entity.HasSessions ? " in sessions" : "")}; {Generate}";
        if (entity.IsByEventGrid && !(HasTrigger(consumer.Name, hasSessions: true) && HasEventGridFunction(consumer.Name)))
            yield return $"'{consumer.Name}' needs a function of its name for Event Grid, and one for the queue of its replays; {Generate}";
        if (!HasTrigger(consumer.Name + TriggerFunction.DeadLetterQueue, hasSessions: false))
            yield return $"'{consumer.Name}' has no function on its dead-letter queue; {Generate}";
        foreach (var error in TypeErrors(consumer, entity))
            yield return error;
    }

    /// <summary>While a consumer moves to another version, it gets an older one too, which is upcast.</summary>
    private IEnumerable<string> TypeErrors(Consumer consumer, TopologyConsumer entity)
    {
        var handled = consumer.Handles.ToHashSet();
        foreach (var type in entity.Types)
        {
            if (contracts.FirstOrDefault(c => c.Type == type) is not { } contract)
            {
                yield return $"'{consumer.Name}' gets '{type}' by topology.json, which is no contract; remove it from {Settings}, or {Generate}";
            }
            else if (!VersionsFrom(contract).Any(c => handled.Contains(c.DataType)))
            {
                yield return $"'{consumer.Name}' gets '{type}', but has no handler for it: add .On<{contract.DataType.Name}>(...) to its definition, "
                    + $"or remove the type from {Settings}; then {Generate}";
            }
            else if (entity.IsByEventGrid && !contract.IsPublic)
            {
                yield return $"'{consumer.Name}' gets '{type}' by Event Grid, where it is not published: "
                    + $"set IsPublic = true in the [Event] of '{contract.DataType.Name}', then {Generate}";
            }
        }

        foreach (var contract in contracts.Where(c => handled.Contains(c.DataType)))
        {
            if (!entity.Types.Any(type => contracts.FirstOrDefault(c => c.Type == type) is { } got && VersionsFrom(got).Contains(contract)))
                yield return $"'{consumer.Name}' handles '{contract.Type}', which topology.json does not bring there; {Generate}";
        }
    }

    /// <summary>A contract with the later versions that upcasters make of it.</summary>
    private IEnumerable<Contract> VersionsFrom(Contract contract)
    {
        for (var version = contract; version is not null;)
        {
            yield return version;
            version = version.Upcast is { } up ? contracts.FirstOrDefault(c => c.DataType == up.To) : null;
        }
    }

    private IEnumerable<string> EntityErrors(TopologyConsumer entity)
    {
        if (consumers.All(c => c.Name != entity.Name))
        {
            yield return $"'{entity.Name}' is in topology.json, but no consumer reads it: "
                + $"define one with Consumer.Of(\"{entity.Name}\", ...) in a static property, or remove it from {Settings}; then {Generate}";
        }
    }

    private IEnumerable<string> FunctionErrors(TriggerFunction function)
    {
        var entity = function.Path.Replace(TriggerFunction.DeadLetterQueue, "", StringComparison.Ordinal);
        if (function.Source == TriggerSource.ServiceBus && consumers.All(c => c.Name != entity))
            yield return $"The function '{function.Name}' reads '{entity}', which no consumer does; {Generate}";
        if (function.Source == TriggerSource.ChangeFeed && !topology.Containers.Contains(function.Path, StringComparer.Ordinal))
            yield return $"The function '{function.Name}' reads the feed of '{function.Path}', no container of topology.json; {Generate}";
    }

    private IEnumerable<string> ServiceErrors(string service)
    {
        if (!topology.Containers.Contains(service, StringComparer.Ordinal))
            yield return $"The service '{service}' has no container in topology.json; {Generate}";
        if (functions is not null && !functions.Any(f => f.Source == TriggerSource.ChangeFeed && f.Path == service))
            yield return $"The service '{service}' has no relay, so that nothing it sends would leave its container; {Generate}";
    }

    private IEnumerable<string> GatewayErrors(Consumer consumer, Type gateway)
    {
        if (!isRegistered(gateway))
        {
            yield return $"'{consumer.Name}' calls '{gateway.Name}', which is not registered; "
                + $"add to AddPipeline: pipeline.AddGateway<{gateway.Name}>(provider => ..., (real, calls, provider) => ...);";
        }

        if (!dryRunGateways.Contains(gateway))
        {
            yield return $"'{gateway.Name}' has nothing that takes its place in a dry run; "
                + $"add it in AddPipeline: pipeline.AddGateway<{gateway.Name}>(provider => ..., (real, calls, provider) => ...);";
        }
    }

    private bool HasEventGridFunction(string name) => functions is null || functions.Any(f => f.Source == TriggerSource.EventGrid && f.Name == name);

    private bool HasTrigger(string path, bool hasSessions) =>
        functions is null || functions.Any(f => f.Source == TriggerSource.ServiceBus && f.Path == path && f.HasSessions == hasSessions);
}
