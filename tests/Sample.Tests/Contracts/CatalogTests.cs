using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Contracts;
using Pipeline.Services;
using Pipeline.Storage;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.ContractRules;

/// <summary>What the catalog says of each contract, against the code and the files in git.</summary>
public sealed class CatalogTests
{
    public static TheoryData<string> Types => [.. ContractCatalog.All.Select(c => c.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Everything_in_a_schema_is_described_and_has_limits(string type)
    {
        var contract = ContractCatalog.Find(type)!;
        var schema = JsonDocument.Parse(contract.Schema).RootElement;
        Assert.Equal(SchemaExport.Dialect, schema.GetProperty("$schema").GetString());
        Assert.NotEmpty(contract.Description);
        AssertDescribed(schema, "$");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_subject_rule_says_what_the_key_function_does(string type)
    {
        var contract = ContractCatalog.Find(type)!;
        var documents = new Documents(new Random(17));
        for (var i = 0; i < 50; i++)
        {
            var document = documents.Valid(contract);
            Assert.Null(contract.TryRead(JsonSerializer.SerializeToUtf8Bytes(document), out var data));
            var said = Regex.Replace(contract.SubjectRule, @"\{(?<field>\w+)(?<compact>:compact)?\}", m =>
            {
                var value = (string)document[m.Groups["field"].Value]!;
                return m.Groups["compact"].Success ? value.Replace("-", "", StringComparison.Ordinal) : value;
            });
            Assert.Equal(said, contract.KeyOf(data!));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_the_contract_allows_makes_an_ordering_key_that_can_be_used(string type)
    {
        var contract = ContractCatalog.Find(type)!;
        var documents = new Documents(new Random(18)) { Lengths = LengthChoice.Longest };
        Assert.Null(contract.TryRead(JsonSerializer.SerializeToUtf8Bytes(documents.Valid(contract)), out var data));
        Assert.Null(Ids.PartitionError(contract.KeyOf(data!)));
    }

    [Fact]
    public void Each_kind_of_message_has_a_real_use() =>
        Assert.Equal(Enum.GetValues<ContractKind>().Order(), ContractCatalog.All.Select(c => c.Kind).Distinct().Order());

    /// <summary>The tool and the documents know the consumers from topology.json only.</summary>
    [Fact]
    public void The_topology_that_contracts_know_says_who_reads_what()
    {
        var all = ContractCatalog.Topology.ReadersOf("com.contoso.ordering.order-placed.v2", "$");
        Assert.Superset(new HashSet<string> { "ordering/inventory", "ordering/payments" }, all.ToHashSet());
        Assert.DoesNotContain("ordering/shipping", all);
        var ofTotal = ContractCatalog.Topology.ReadersOf("com.contoso.ordering.order-placed.v2", "$.total");
        Assert.Contains("ordering/payments", ofTotal);
        Assert.DoesNotContain("ordering/inventory", ofTotal);
    }

    private static void AssertDescribed(JsonElement schema, string path)
    {
        foreach (var field in schema.GetProperty("properties").EnumerateObject())
        {
            var at = $"{path}.{field.Name}";
            Assert.True(field.Value.TryGetProperty("description", out var text) && text.GetString()!.Length > 3, $"{at} has no <param> documentation.");
            if (field.Value.TryGetProperty("properties", out _))
                AssertDescribed(field.Value, at);
            else if (field.Value.TryGetProperty("items", out var items) && items.TryGetProperty("properties", out _))
                AssertDescribed(items, at + "[]");
        }
    }
}
