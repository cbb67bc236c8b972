using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos;

/// <summary>What is settled when a container is made: partition key, unique keys, physical partitions.</summary>
internal sealed class ContainerDefinition
{
    private const int MaxPartitionKeyPaths = 3;
    private const int MaxUniqueKeys = 10;
    private const int MaxUniquePaths = 16;
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    private readonly string[][] _partitionKey;
    private readonly string[][][] _uniqueKeys;

    /// <param name="partitionKeyPaths">One path, or up to three of a hierarchical key.</param>
    /// <param name="uniqueKeys">The paths of each unique key.</param>
    /// <param name="physicalPartitions">1 to <see cref="PartitionRanges.Max"/>.</param>
    public ContainerDefinition(string[] partitionKeyPaths, string[][]? uniqueKeys = null, int physicalPartitions = 1)
    {
        if (partitionKeyPaths.Length is 0 or > MaxPartitionKeyPaths)
            throw new CosmosFailure(400, $"A container has 1 to {MaxPartitionKeyPaths} partition key paths, not {partitionKeyPaths.Length}.");
        if (physicalPartitions is < 1 or > PartitionRanges.Max)
            throw CosmosFailure.NotSupported(string.Create(CultureInfo.InvariantCulture,
                $"{physicalPartitions} physical partitions; 1 to {PartitionRanges.Max} are."));
        PartitionKeyPaths = partitionKeyPaths;
        UniqueKeys = uniqueKeys ?? [];
        PhysicalPartitions = physicalPartitions;
        if (UniqueKeys.Length > MaxUniqueKeys || UniqueKeys.Any(paths => paths.Length is 0 or > MaxUniquePaths))
            throw new CosmosFailure(400, $"A container has at most {MaxUniqueKeys} unique keys of 1 to {MaxUniquePaths} paths each.");
        _partitionKey = [.. partitionKeyPaths.Select(Segments)];
        _uniqueKeys = [.. UniqueKeys.Select(paths => paths.Select(Segments).ToArray())];
        PartitionKeyProperty = _partitionKey is [[var only]] ? only : null;
        PartitionKeyUtf8 = PartitionKeyProperty is null ? null : Encoding.UTF8.GetBytes(PartitionKeyProperty);
    }

    public string[] PartitionKeyPaths { get; }
    public string[][] UniqueKeys { get; }
    public int PhysicalPartitions { get; }

    /// <summary>The partition key's property when it is a single one at the top; null when it takes a search.</summary>
    public string? PartitionKeyProperty { get; }
    public byte[]? PartitionKeyUtf8 { get; }

    /// <summary>One pass over the bytes does not tell everything.</summary>
    public bool NeedsSearch => PartitionKeyProperty is null || UniqueKeys.Length > 0;

    /// <summary>The partition key of a document, and its value of each unique key; null without unique keys.</summary>
    public (PartitionKeyValue PartitionKey, string[]? UniqueValues) Search(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Options);
        var root = document.RootElement;
        var components = Array.ConvertAll(_partitionKey, path => ComponentOf(Find(root, path)));
        var unique = _uniqueKeys.Length == 0 ? null : _uniqueKeys.Select((paths, i) => UniqueValue(root, i, paths)).ToArray();
        return (PartitionKeyValue.Of(components), unique);
    }

    private static PartitionKeyValue ComponentOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined => default,
        JsonValueKind.String => PartitionKeyValue.Of(element.GetString()!),
        JsonValueKind.Number => new(PartitionKeyKind.Number, Number: element.GetDouble()),
        JsonValueKind.True => new(PartitionKeyKind.True),
        JsonValueKind.False => new(PartitionKeyKind.False),
        JsonValueKind.Null => new(PartitionKeyKind.Null),
        _ => throw new CosmosFailure(400, "The partition key of an item has to be a string, number, boolean or null."),
    };

    /// <summary>A value that is not there counts as null, so that only one item of a partition can lack it.</summary>
    private static string UniqueValue(JsonElement root, int key, string[][] paths)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{key}");
        foreach (var path in paths)
        {
            var element = Find(root, path);
            var value = element.ValueKind switch
            {
                JsonValueKind.Undefined or JsonValueKind.Null => "null",
                JsonValueKind.Number => (element.GetDouble() + 0.0).ToString("R", CultureInfo.InvariantCulture),
                JsonValueKind.String => "\"" + element.GetString(),
                _ => element.GetRawText(),
            };
            text.Append(CultureInfo.InvariantCulture, $",{value.Length}:").Append(value);
        }

        return text.ToString();
    }

    private static JsonElement Find(JsonElement element, string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return default;
        }

        return element;
    }

    private static string[] Segments(string path)
    {
        if (path.Length < 2 || path[0] != '/' || path.AsSpan().IndexOfAny("\"*[]\n") >= 0 || path.Contains("//", StringComparison.Ordinal))
            throw CosmosFailure.NotSupported($"The path '{path}'; names behind slashes, such as '/pk' or '/address/city', are.");
        return path[1..].Split('/');
    }
}
