using System.Text.Json;

namespace Pipeline.Local.ServiceBus;

/// <summary>The rules of a subscription as they were set at run time.</summary>
/// <param name="Json">The rules.</param>
/// <param name="TopologyJson">Those that they took the place of. Once topology.json says something else, that counts.</param>
internal sealed record RuntimeRules(string Json, string TopologyJson)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public IReadOnlyList<RuleDefinition> Rules => JsonSerializer.Deserialize<List<RuleDefinition>>(Json, Options) ?? [];

    public static string JsonOf(IReadOnlyList<RuleDefinition> rules) => JsonSerializer.Serialize(rules, Options);
}
