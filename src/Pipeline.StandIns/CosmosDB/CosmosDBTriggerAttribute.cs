using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function for the changes of a container, read from its change feed.</summary>
/// <param name="databaseName">The database; may hold <c>%Setting%</c>.</param>
/// <param name="containerName">The container; may hold <c>%Setting%</c>.</param>
[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
public sealed class CosmosDBTriggerAttribute(string databaseName, string containerName) : TriggerBindingAttribute
{
    /// <summary>The watched container.</summary>
    public string ContainerName { get; } = containerName;

    /// <summary>The watched container's database.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>Name of the setting that holds the connection string. Default <c>CosmosDB</c>.</summary>
    public string? Connection { get; set; }

    /// <summary>The container that holds the leases, partition key <c>/id</c>. Default <c>leases</c>.</summary>
    public string? LeaseContainerName { get; set; }

    /// <summary>The leases' database. Default <see cref="DatabaseName"/>.</summary>
    public string? LeaseDatabaseName { get; set; }

    /// <summary>Name of the setting that holds the leases' connection string. Default <see cref="Connection"/>.</summary>
    public string? LeaseConnection { get; set; }

    /// <summary>Creates the lease container if there is none. Default <see langword="false"/>.</summary>
    public bool CreateLeaseContainerIfNotExists { get; set; }

    /// <summary>Throughput of a lease container that is created.</summary>
    public int LeasesContainerThroughput { get; set; }

    /// <summary>Prefix of the lease ids: triggers on one container need different ones. Default none.</summary>
    public string? LeaseContainerPrefix { get; set; }

    /// <summary>Pause between two reads of a feed that had nothing new, in ms. Default (0) 5000.</summary>
    public int FeedPollDelay { get; set; }

    /// <summary>How often a lease is renewed, in ms. Default (0) 17000.</summary>
    public int LeaseRenewInterval { get; set; }

    /// <summary>How often instances rebalance leases, in ms. Default (0) 13000.</summary>
    public int LeaseAcquireInterval { get; set; }

    /// <summary>After how long without renewal a lease is up for grabs, in ms. Default (0) 60000.</summary>
    public int LeaseExpirationInterval { get; set; }

    /// <summary>Most items of one invocation. Items of one transaction are never split. Default (0): as many as a page holds.</summary>
    public int MaxItemsPerInvocation { get; set; }

    /// <summary>Whether to read from the beginning instead of from now, while there is no lease yet.</summary>
    public bool StartFromBeginning { get; set; }

    /// <summary>UTC time to start from while there is no lease yet; not together with <see cref="StartFromBeginning"/>.</summary>
    public string? StartFromTime { get; set; }

    /// <summary>Regions to read from, separated by commas, of an account that has several.</summary>
    public string? PreferredLocations { get; set; }
}
