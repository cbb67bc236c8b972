using System.Text;
using System.Text.Json;
using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

/// <summary>
/// The check at run time and the stored schema, as a validator of another maker reads it, say the same about random
/// documents, whole and damaged.
/// </summary>
public sealed class AgreementTests
{
    private const int WholePerType = 60;
    private const int DamagedPerType = 400;

    private static Contract Charged { get; } = ContractCatalog.Find("com.contoso.payments.payment-charged.v1")!;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_time_check_and_schema_agree_about_random_documents(int seed)
    {
        var documents = new Documents(new Random(seed));
        var all = new List<(Contract Contract, string Text, bool IsWhole)>();
        foreach (var contract in ContractCatalog.All)
        {
            for (var i = 0; i < WholePerType; i++)
                all.Add((contract, documents.Valid(contract).ToJsonString(), true));
            for (var i = 0; i < DamagedPerType; i++)
                all.Add((contract, documents.Damaged(contract).ToJsonString(), false));
        }

        var refused = 0;
        foreach (var (contract, text, isWhole) in all)
        {
            var theirs = SchemaJudge.WhatIsWrongWith(contract.Schema, text);
            var ours = contract.TryRead(Encoding.UTF8.GetBytes(text), out var data);
            Assert.True((ours is null) == (theirs is null), $"{contract.Type}\n{text}\nours: {ours ?? "ok"}\ntheirs: {theirs ?? "ok"}");
            Assert.True(!isWhole || ours is null, $"{contract.Type} {text}: {ours}");
            if (ours is not null)
            {
                Assert.StartsWith("$", ours, StringComparison.Ordinal);
                Assert.DoesNotContain("System.", ours, StringComparison.Ordinal);
                Assert.DoesNotContain("Pipeline.", ours, StringComparison.Ordinal);
                refused++;
            }
            else
            {
                Assert.Null(SchemaJudge.WhatIsWrongWith(contract.Schema, JsonSerializer.Serialize(data, contract.Json))); // What we write of it is valid again.
            }
        }

        // Both verdicts were there in numbers.
        Assert.InRange(refused, all.Count / 3, all.Count * 4 / 5);
    }

    /// <summary>Where the two differ, on purpose: docs/guide/contracts.md lists them.</summary>
    [Theory]
    [InlineData("""{"orderId":"o","orderId":"o"}""", "$.orderId: is there twice")]
    [InlineData("""{"orderId":"o","reason":"r","extra":DEEP}""", "$")]
    public void What_json_leaves_open_is_refused_although_the_schema_cannot_say_so(string text, string wrong)
    {
        const string Type = "com.contoso.inventory.stock-reserved.v1";
        text = text.Replace("DEEP", new string('[', 70) + new string(']', 70), StringComparison.Ordinal);
        var contract = ContractCatalog.Find(Type)!;
        Assert.Null(SchemaJudge.WhatIsWrongWith(contract.Schema, text));
        Assert.StartsWith(wrong, contract.TryRead(Encoding.UTF8.GetBytes(text), out _), StringComparison.Ordinal);
    }

    /// <summary>The other validator cannot even look at it.</summary>
    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.StartsWith(
        "$.reason: ",
        ContractCatalog.Find("com.contoso.ordering.order-cancelled.v1")!.TryRead("""{"orderId":"o","reason":"\ud800"}"""u8, out _),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("1e-400")]
    [InlineData("13.0000000000000000000000000000000000000001")]
    public void A_number_that_would_be_rounded_is_refused_although_the_schema_cannot_say_so(string number)
    {
        var text = $$"""{"orderId":"o","amount":{{number}},"currency":"EUR"}""";
        Assert.Null(SchemaJudge.WhatIsWrongWith(Charged.Schema, text));
        Assert.Equal(
            "$.amount: has more digits than can be kept exactly (28)",
            Charged.TryRead(Encoding.UTF8.GetBytes(text), out _));
    }

    [Fact]
    public void A_number_closer_to_a_limit_than_a_double_can_tell_is_judged_exactly()
    {
        const string Text = """{"orderId":"o","amount":1000000000000.00000001,"currency":"EUR"}""";
        Assert.NotNull(SchemaJudge.WhatIsWrongWith(Charged.Schema, Text));
        Assert.StartsWith("$.amount: ", Charged.TryRead(Encoding.UTF8.GetBytes(Text), out _), StringComparison.Ordinal);
    }
}
