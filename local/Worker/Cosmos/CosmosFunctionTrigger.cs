using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Pipeline.CloudEvents;

namespace Pipeline.Local.Worker;

/// <summary>Runs a function for the changes of a container.</summary>
internal sealed class CosmosFunctionTrigger : FunctionTrigger
{
    private readonly CosmosDBTriggerAttribute _attribute;
    private Func<ReadOnlyMemory<byte>, object>? _read;

    public CosmosFunctionTrigger(CosmosDBTriggerAttribute attribute, IConfiguration configuration)
    {
        _attribute = attribute;
        Database = Settings.Resolve(configuration, attribute.DatabaseName)!;
        Container = Settings.Resolve(configuration, attribute.ContainerName)!;
        LeaseContainer = Settings.Resolve(configuration, attribute.LeaseContainerName) ?? "leases";
        LeaseDatabase = Settings.Resolve(configuration, attribute.LeaseDatabaseName) ?? Database;
        LeasePrefix = Settings.Resolve(configuration, attribute.LeaseContainerPrefix) ?? "";
        ConnectionString = TriggerKinds.ConnectionString(configuration, attribute.Connection, "CosmosDB");
        LeaseConnectionString = TriggerKinds.ConnectionString(configuration, attribute.LeaseConnection ?? attribute.Connection, "CosmosDB");
        StartTime = Start(attribute);
        Renew = Milliseconds(attribute.LeaseRenewInterval, 17000, nameof(attribute.LeaseRenewInterval));
        Expiration = Milliseconds(attribute.LeaseExpirationInterval, 60000, nameof(attribute.LeaseExpirationInterval));
        Acquire = Milliseconds(attribute.LeaseAcquireInterval, 13000, nameof(attribute.LeaseAcquireInterval));
        Poll = Milliseconds(attribute.FeedPollDelay, 5000, nameof(attribute.FeedPollDelay));
        if (attribute.MaxItemsPerInvocation < 0)
            throw new StartupException(string.Create(CultureInfo.InvariantCulture,
                $"MaxItemsPerInvocation is {attribute.MaxItemsPerInvocation}: 0 (as many as a page holds) or more is expected."));
        if (Renew >= Expiration)
            throw new StartupException($"LeaseRenewInterval ({Renew}) is not shorter than LeaseExpirationInterval ({Expiration}): every lease would be lost.");
    }

    public override bool SupportsRetry => true;

    public override string Description => $"change feed of {Database}/{Container}";

    public string Database { get; }

    public string Container { get; }

    public string LeaseDatabase { get; }

    public string LeaseContainer { get; }

    public string LeasePrefix { get; }

    public string ConnectionString { get; }

    public string LeaseConnectionString { get; }

    public bool CreatesLeaseContainer => _attribute.CreateLeaseContainerIfNotExists;

    public TimeSpan Renew { get; }

    public TimeSpan Expiration { get; }

    public TimeSpan Acquire { get; }

    public TimeSpan Poll { get; }

    /// <summary>0 = as many as a page holds.</summary>
    public int MaxItems => _attribute.MaxItemsPerInvocation;

    /// <summary>Where to start while there is no lease; <see langword="null"/> = now.</summary>
    public DateTime? StartTime { get; }

    /// <summary>Makes the trigger parameter's value of a JSON array.</summary>
    public object Read(ReadOnlyMemory<byte> json) => _read!(json);

    /// <summary>The value is the JSON itself, for a function in another process.</summary>
    public void HandOverJson() => _read = ChangeReader.For(typeof(string));

    public override string? ProblemWith(ParameterInfo triggerParameter)
    {
        _read = ChangeReader.For(triggerParameter.ParameterType);
        return _read is not null
            ? null
            : $"AZFW0008: the parameter '{triggerParameter.Name}' is a {triggerParameter.ParameterType.Name}; an IReadOnlyList<T>, a List<T>, a T[] or a string is expected.";
    }

    public override ITriggerListener Listen(HostedFunction function, ListenerServices services) =>
        new ChangeFeedListener(function, this, services);

    /// <summary>Triggers that share leases each get a part of the changes, in Azure without a word.</summary>
    public static void CheckTogether(IReadOnlyList<HostedFunction> functions, ICollection<string> problems)
    {
        var sharing = functions
            .Select(f => (f.Name, Trigger: f.Trigger as CosmosFunctionTrigger))
            .Where(f => f.Trigger is not null)
            .GroupBy(f => (f.Trigger!.ConnectionString, f.Trigger.Database, f.Trigger.Container,
                f.Trigger.LeaseConnectionString, f.Trigger.LeaseDatabase, f.Trigger.LeaseContainer, f.Trigger.LeasePrefix))
            .Where(group => group.Count() > 1);
        foreach (var group in sharing)
        {
            problems.Add(
                $"{string.Join(" and ", group.Select(f => f.Name))} watch {group.Key.Database}/{group.Key.Container} with the same leases, " +
                "so each would see only some of the changes: give each its own LeaseContainerPrefix.");
        }
    }

    private static TimeSpan Milliseconds(int value, int standard, string name) =>
        value >= 0
            ? TimeSpan.FromMilliseconds(value == 0 ? standard : value)
            : throw new StartupException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value} ms: more than zero is expected."));

    private static DateTime? Start(CosmosDBTriggerAttribute attribute)
    {
        if (attribute.StartFromTime is not { Length: > 0 } text)
            return attribute.StartFromBeginning ? DateTime.MinValue.ToUniversalTime() : null;
        if (attribute.StartFromBeginning)
            throw new StartupException("StartFromBeginning and StartFromTime exclude each other.");
        return Rfc3339.TryReadDateOrTime(text, out var time)
            ? time.UtcDateTime
            : throw new StartupException($"StartFromTime '{text}' is not {Rfc3339.DateOrTimeExpected}.");
    }
}
