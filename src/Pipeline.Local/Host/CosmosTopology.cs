using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Cosmos;

namespace Pipeline.Local.Hosting;

/// <summary>The "cosmos" part of topology.json, and the account made from it.</summary>
internal sealed record CosmosTopology
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public required string Database { get; init; }

    /// <summary>The container of the change feed's leases, partition key <c>/id</c>.</summary>
    public required string Leases { get; init; }

    /// <summary>Time to live on without a default.</summary>
    public required IReadOnlyList<ContainerDefinition> Containers { get; init; }

    public static CosmosTopology Read(string path)
    {
        try
        {
            var topology = TopologyFile.Read<CosmosTopology>(path, "cosmos", _json) ?? throw new StartupException($"{path}: there is no property 'cosmos'.");
            foreach (var container in topology.Containers.Where(c => c.PartitionKey.Length < 2 || c.PartitionKey[0] != '/'))
                throw new InvalidDataException($"The partition key of the container '{container.Name}' is '{container.PartitionKey}': a path such as /id is expected.");
            return topology;
        }
        catch (InvalidDataException error)
        {
            throw new StartupException($"{path}: the embedded Cosmos DB cannot offer this. {error.Message}", error);
        }
    }

    /// <summary>Opens the account, with its database and containers in it.</summary>
    public CosmosEndpoint Open(string? directory, TimeProvider time, ILogger log, int physicalPartitions, string? key = null)
    {
        var cosmos = CosmosEndpoint.Open(directory, time, log, physicalPartitions, key: key);
        try
        {
            foreach (var container in Containers)
                cosmos.EnsureContainer(Database, container.Name, container.PartitionKey, defaultTtlSeconds: -1);
            cosmos.EnsureContainer(Database, Leases, "/id", defaultTtlSeconds: -1, physicalPartitions: 1);
            return cosmos;
        }
        catch
        {
            cosmos.Dispose();
            throw;
        }
    }

    internal sealed record ContainerDefinition
    {
        public required string Name { get; init; }

        /// <summary>Path of the partition key. Default <c>/pk</c>.</summary>
        public string PartitionKey { get; init; } = "/pk";
    }
}
