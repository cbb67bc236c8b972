using System.Text.Json;
using Pipeline.Contracts;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.ContractRules;

/// <summary>A stored sample of a contract: one event as it was, or may have been, published.</summary>
/// <param name="Contract">The contract that its file is named after.</param>
/// <param name="Name"><c>full</c>, <c>minimal</c> or another.</param>
/// <param name="Bytes">The file.</param>
internal sealed record Sample(Contract Contract, string Name, byte[] Bytes)
{
    public JsonElement Event { get; } = JsonDocument.Parse(Bytes).RootElement;

    public JsonElement Data => Event.GetProperty("data");

    public static IReadOnlyList<Sample> All { get; } =
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, ContractFiles.Samples), "*.json").Order(StringComparer.Ordinal).Select(file =>
        {
            var parts = Path.GetFileNameWithoutExtension(file).Split('.');
            var type = string.Join('.', parts[..^1]);
            return new Sample(ContractCatalog.Find(type) ?? throw new InvalidDataException($"{file} is named after no contract."), parts[^1], File.ReadAllBytes(file));
        }),
    ];
}
