using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

/// <summary>
/// The check at run time and the stored schema, as a validator of another maker reads it, say the same about random
/// documents, whole and damaged.
/// </summary>
public sealed class AgreementTests(Ajv ajv) : IClassFixture<Ajv>
{
    private const int WholePerType = 60;
    private const int DamagedPerType = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Run_time_check_and_schema_agree_about_random_documents(int seed)
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

        var theirs = await ajv.JudgeAsync([.. all.Select(d => (d.Contract.Type, d.Text))]);
        var refused = 0;
        var written = new List<(string, string)>();
        for (var i = 0; i < all.Count; i++)
        {
            var (contract, text, isWhole) = all[i];
            var ours = contract.TryRead(Encoding.UTF8.GetBytes(text), out var data);
            Assert.True((ours is null) == (theirs[i] is null), $"{contract.Type}\n{text}\nours: {ours ?? "ok"}\ntheirs: {theirs[i] ?? "ok"}");
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
                written.Add((contract.Type, JsonSerializer.Serialize(data, contract.Json)));
            }
        }

        // Both verdicts were there in numbers, and what we write of what we read is valid again.
        Assert.InRange(refused, all.Count / 3, all.Count * 4 / 5);
        Assert.All(await ajv.JudgeAsync(written), Assert.Null);
    }

    /// <summary>Where the two differ, on purpose: docs/contracts.md lists them.</summary>
    [Theory]
    [InlineData("""{"orderId":"o","orderId":"o"}""", "$.orderId: is there twice")]
    [InlineData("""{"orderId":"o","reason":"\ud800"}""", "$.reason: ")]
    [InlineData("""{"orderId":"o","reason":"r","extra":DEEP}""", "$")]
    public async Task What_json_leaves_open_is_refused_although_the_schema_cannot_say_so(string text, string wrong)
    {
        var type = text.Contains("reason", StringComparison.Ordinal) ? "com.contoso.ordering.order-cancelled.v1" : "com.contoso.inventory.stock-reserved.v1";
        text = text.Replace("DEEP", new string('[', 70) + new string(']', 70), StringComparison.Ordinal);
        Assert.Null(Assert.Single(await ajv.JudgeAsync([(type, text)])));
        Assert.StartsWith(wrong, ContractCatalog.Find(type)!.TryRead(Encoding.UTF8.GetBytes(text), out _), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e-400")]
    [InlineData("13.0000000000000000000000000000000000000001")]
    public async Task A_number_that_would_be_rounded_is_refused_although_the_schema_cannot_say_so(string number)
    {
        var text = $$"""{"orderId":"o","amount":{{number}},"currency":"EUR"}""";
        Assert.Null(Assert.Single(await ajv.JudgeAsync([("com.contoso.payments.payment-charged.v1", text)])));
        Assert.Equal(
            "$.amount: has more digits than can be kept exactly (28)",
            ContractCatalog.Find("com.contoso.payments.payment-charged.v1")!.TryRead(Encoding.UTF8.GetBytes(text), out _));
    }

    [Fact]
    public async Task A_number_closer_to_a_limit_than_a_double_can_tell_is_judged_exactly()
    {
        const string Text = """{"orderId":"o","amount":1000000000000.00000001,"currency":"EUR"}""";
        Assert.Null(Assert.Single(await ajv.JudgeAsync([("com.contoso.payments.payment-charged.v1", Text)])));
        Assert.StartsWith("$.amount: ", ContractCatalog.Find("com.contoso.payments.payment-charged.v1")!.TryRead(Encoding.UTF8.GetBytes(Text), out _), StringComparison.Ordinal);
    }
}
