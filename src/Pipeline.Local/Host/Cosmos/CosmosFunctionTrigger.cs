using Microsoft.Extensions.Configuration;
using Pipeline.CloudEvents;

namespace Pipeline.Local.Hosting;

/// <summary>Runs a function for the changes of a container.</summary>
internal sealed class CosmosFunctionTrigger : FunctionTrigger
{
    /// <summary>Where leases are kept unless a trigger says so, as in Azure.</summary>
    public const string DefaultLeaseContainer = "leases";

    public CosmosFunctionTrigger(RawBinding binding, IConfiguration configuration)
    {
        string? Of(string name) => Settings.Resolve(configuration, binding.Text(name));
        Database = Of("databaseName") ?? "";
        Container = Of("containerName") ?? "";
        LeaseContainer = Of("leaseContainerName") ?? DefaultLeaseContainer;
        LeaseDatabase = Of("leaseDatabaseName") ?? Database;
        LeasePrefix = Of("leaseContainerPrefix") ?? "";
        var connection = binding.Text("connection");
        ConnectionString = TriggerKinds.ConnectionString(configuration, connection, "CosmosDB");
        LeaseConnectionString = TriggerKinds.ConnectionString(configuration, binding.Text("leaseConnection") ?? connection, "CosmosDB");
        CreatesLeaseContainer = binding.Flag("createLeaseContainerIfNotExists") ?? false;
        StartTime = Start(binding);
        Renew = Milliseconds(binding, "leaseRenewInterval", 17000);
        Expiration = Milliseconds(binding, "leaseExpirationInterval", 60000);
        Acquire = Milliseconds(binding, "leaseAcquireInterval", 13000);
        Poll = Milliseconds(binding, "feedPollDelay", 5000);
        MaxItems = binding.Number("maxItemsPerInvocation");
        if (MaxItems < 0)
            throw new StartupException(string.Create(CultureInfo.InvariantCulture, $"MaxItemsPerInvocation is {MaxItems}: 0 (as many as a page holds) or more is expected."));
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

    public bool CreatesLeaseContainer { get; }

    public TimeSpan Renew { get; }

    public TimeSpan Expiration { get; }

    public TimeSpan Acquire { get; }

    public TimeSpan Poll { get; }

    /// <summary>0 = as many as a page holds.</summary>
    public int MaxItems { get; }

    /// <summary>Where to start while there is no lease; <see langword="null"/> = now.</summary>
    public DateTime? StartTime { get; }

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

    private static TimeSpan Milliseconds(RawBinding binding, string name, int standard)
    {
        var value = binding.Number(name);
        return value >= 0
            ? TimeSpan.FromMilliseconds(value == 0 ? standard : value)
            : throw new StartupException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value} ms: more than zero is expected."));
    }

    private static DateTime? Start(RawBinding binding)
    {
        var fromBeginning = binding.Flag("startFromBeginning") ?? false;
        if (binding.Text("startFromTime") is not { Length: > 0 } text)
            return fromBeginning ? DateTime.MinValue.ToUniversalTime() : null;
        if (fromBeginning)
            throw new StartupException("StartFromBeginning and StartFromTime exclude each other.");
        return Rfc3339.TryReadDateOrTime(text, out var time)
            ? time.UtcDateTime
            : throw new StartupException($"StartFromTime '{text}' is not {Rfc3339.DateOrTimeExpected}.");
    }
}
