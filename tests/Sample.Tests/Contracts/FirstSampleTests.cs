using System.Text.Json.Nodes;
using Pipeline.Contracts;
using Pipeline.Generation;

namespace Pipeline.Tests.ContractRules;

/// <summary>The samples that <c>pipeline generate</c> makes for a new contract.</summary>
public sealed class FirstSampleTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_first_sample_of_any_contract_can_be_made_unless_a_pattern_is_too_strange(bool isFull)
    {
        foreach (var contract in ContractCatalog.All.Where(c => !c.Schema.Contains("^api/sales/", StringComparison.Ordinal)))
        {
            var data = SampleEvents.Of(contract, JsonNode.Parse(contract.Schema)!.AsObject(), isFull)["data"]!;
            Assert.Null(SchemaJudge.WhatIsWrongWith(contract.Schema, data.ToJsonString()));
            var all = JsonNode.Parse(contract.Schema)!;
            Assert.Equal(
                (isFull ? all["properties"]!.AsObject().Select(p => p.Key) : all["required"]!.AsArray().Select(n => (string)n!)).Order(StringComparer.Ordinal),
                data.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
        }

        var sales = ContractCatalog.Find("com.contoso.analytics.sales-updated.v1")!;
        var unmade = Assert.Throws<GenerationException>(() => SampleEvents.Of(sales, JsonNode.Parse(sales.Schema)!.AsObject(), isFull));
        Assert.Contains("$.link", unmade.Message, StringComparison.Ordinal);
        Assert.Contains("by hand", unmade.Message, StringComparison.Ordinal);
    }
}
