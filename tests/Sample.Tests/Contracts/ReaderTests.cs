using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Surfaces;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Services;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.ContractRules;

/// <summary>Consumer-driven contracts: what each consumer reads, by its own records, is run against what the producers promise and have sent.</summary>
public sealed class ReaderTests
{
    public static TheoryData<string, string> Reads
    {
        get
        {
            var data = new TheoryData<string, string>();
            // A handled record that is no contract is what the wiring check tells.
            foreach (var (consumer, contract) in Catalog.Consumers.SelectMany(c => c.Handles, (c, t) => (c.Name, t)).Join(ContractCatalog.All, c => c.t, x => x.DataType, (c, x) => (c.Name, x.Type)))
                data.Add(consumer, contract);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public void Every_field_that_a_consumer_reads_is_in_the_contract(string consumer, string type)
    {
        var (contract, view) = Find(consumer, type);
        if (view is null)
            return;
        var fields = ContractSurface.Of(contract).Fields.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        Assert.All(contract.ViewOf(view).Paths, path => Assert.Contains(path, fields));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public void A_consumer_reads_every_stored_sample_and_whatever_else_the_contract_allows(string consumer, string type)
    {
        var (contract, view) = Find(consumer, type);
        var documents = new Documents(new Random(23));
        var samples = Sample.All.Where(s => s.Contract == contract).Select(s => s.Data.GetRawText()).ToList();
        Assert.True(samples.Count >= 2);
        foreach (var document in samples.Concat(Enumerable.Range(0, 100).Select(_ => documents.Valid(contract).ToJsonString())))
        {
            if (view is null)
            {
                Assert.Null(contract.TryRead(System.Text.Encoding.UTF8.GetBytes(document), out _));
                continue;
            }

            var read = JsonSerializer.Deserialize(document, view)!;
            Assert.Null(contract.ViewOf(view).WhatIsWrongWith(read));

            // What it has read is what is there.
            var again = JsonSerializer.SerializeToNode(read, view)!.AsObject();
            Assert.All(again, field => Assert.True(IsWithin(field.Value, JsonNode.Parse(document)![field.Key]), $"{field.Key} became {field.Value}"));
        }
    }

    [Fact]
    public void G7_The_gate_names_just_the_consumers_that_read_the_field()
    {
        var present = Surface.Of(ContractCatalog.All);
        var approved = present with
        {
            Contracts = [.. present.Contracts.Select(c => c.Type != "com.contoso.ordering.order-placed.v2" ? c : c with { Fields = [.. c.Fields.Select(Narrow)] })],
        };
        var changes = SurfaceComparison.Compare(approved, present, ContractCatalog.Topology.ReadersOf);
        var ofTotal = Assert.Single(changes, c => c.Path == "$.total.value").Readers;
        var ofQuantity = Assert.Single(changes, c => c.Path == "$.lines[].quantity").Readers;
        Assert.Contains("ordering/payments", ofTotal);
        Assert.DoesNotContain("ordering/inventory", ofTotal);
        Assert.Contains("ordering/inventory", ofQuantity);
        Assert.DoesNotContain("ordering/payments", ofQuantity);
        Assert.Contains("$.note: maxLength was 1 and is 1000000, which partners who know the approved contract refuse. No consumer here reads it.", SurfaceComparison.Explain(changes), StringComparison.Ordinal);

        static FieldSurface Narrow(FieldSurface field)
        {
            var limits = field.Limits.ToDictionary(l => l.Key, l => l.Key is "maximum" or "maxLength" ? "1" : l.Value);
            return field.Path is "$.total.value" or "$.lines[].quantity" or "$.note" ? field with { Limits = limits } : field;
        }
    }

    [Theory]
    [InlineData("$", "a", true)]
    [InlineData("$.lines", "a", true)]
    [InlineData("$.lines[]", "a", true)]
    [InlineData("$.lines[].sku", "a", true)]
    [InlineData("$.lines[].skus", "a", false)]
    [InlineData("$.line", "a", false)]
    [InlineData("$.total", "a", false)]
    [InlineData("$.total", "b", true)]
    [InlineData("$.total", "c", false)]
    [InlineData("$", "c", true)]
    [InlineData("$.total", "unheard-of", true)]
    public void Who_reads_what_is_known_down_to_the_field(string path, string consumer, bool reads)
    {
        var readers = Readers.Read(Readers.Write([("a", "t", ["$.lines[].sku"]), ("b", "t", null), ("c", "t", [])]));
        Assert.Equal(reads, readers.Reads(consumer, "t", path));
    }

    [Fact]
    public void A_line_that_names_no_type_is_refused() => Assert.Contains("'a'", Assert.Throws<FormatException>(() => Readers.Read("a\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_view_that_does_not_fit_its_contract_is_refused_with_what_does_not()
    {
        Assert.Contains("reads '$.colour', which 'com.contoso.ordering.order-placed.v2' does not have; there are orderId,", Wrong<ViewRecords.Unknown>(), StringComparison.Ordinal);
        Assert.Contains("reads '$.total' as 'System.Decimal', but it is a", Wrong<ViewRecords.OtherType>(), StringComparison.Ordinal);
        Assert.Contains("reads '$.lines'", Wrong<ViewRecords.NoList>(), StringComparison.Ordinal);
        Assert.Contains("requires '$.note', which may be missing", Wrong<ViewRecords.Requires>(), StringComparison.Ordinal);
        Assert.Contains("reads '$.note' as never null", Wrong<ViewRecords.NeverNull>(), StringComparison.Ordinal);
        Assert.Contains("RespectRequiredConstructorParameters", Assert.Throws<ArgumentException>(() => ConsumedMessage.Of<OrderPlacedV2, ViewRecords.Unknown>(ViewRecords.Json.Default.Unknown)).Message, StringComparison.Ordinal);

        static string Wrong<T>() => Assert.Throws<InvalidOperationException>(
            () => ContractCatalog.Find("com.contoso.ordering.order-placed.v2")!.ViewOf(ConsumedMessage.Of<OrderPlacedV2, T>(ViewRecords.Json.Default).Json)).Message;
    }

    /// <summary>While services are replaced one by one, a consumer meets what only newer producers send.</summary>
    [Theory]
    [InlineData("ordering/inventory", "$.total.value", null)]
    [InlineData("ordering/payments", "$.total.value", "$.total.value: -1 is not between 0 and 1000000000000")]
    [InlineData("ordering/payments", "$.lines[0].quantity", null)]
    [InlineData("ordering/inventory", "$.lines[0].quantity", "$.lines[0].quantity: -1 is not between 1 and 1000000")]
    public async Task A_consumer_refuses_only_what_it_reads(string consumer, string path, string? wrong)
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        var delivery = Deliveries.Of(new OrderPlacedV2("o-1", "c-1", new Amount(1, "EUR"), [new OrderLineV2("a", 1, new Amount(1, "EUR"))]), 1);
        var cloudEvent = JsonNode.Parse(delivery.Body.Span)!.AsObject();
        if (path == "$.total.value")
            cloudEvent["data"]!["total"]!["value"] = -1;
        else
            cloudEvent["data"]!["lines"]![0]!["quantity"] = -1;
        var settlement = await process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer)
            .HandleAsync(delivery with { Body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent) }, default);
        Assert.Equal(wrong is null ? (SettlementKind.Complete, null) : (SettlementKind.DeadLetter, DeadLetterReasons.ContractViolation), (settlement.Kind, settlement.Reason));
        Assert.Equal(wrong, settlement.Description);
    }

    private static (Contract Contract, System.Text.Json.Serialization.Metadata.JsonTypeInfo? View) Find(string consumer, string type)
    {
        var contract = ContractCatalog.Find(type)!;
        return (contract, Catalog.Consumers.Single(c => c.Name == consumer).ConsumedMessages[contract.DataType]);
    }

    private static bool IsWithin(JsonNode? part, JsonNode? whole) => (part, whole) switch
    {
        (JsonObject p, JsonObject w) => p.All(f => IsWithin(f.Value, w[f.Key])),
        (JsonArray p, JsonArray w) => p.Count == w.Count && p.Zip(w).All(pair => IsWithin(pair.First, pair.Second)),
        (JsonValue p, JsonValue w) when p.GetValueKind() == JsonValueKind.Number => p.GetValue<decimal>() == decimal.Parse(w.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),

        // The same moment at the same offset can be written with Z or +00:00.
        (JsonValue p, JsonValue w) when p.TryGetValue<DateTimeOffset>(out var moment) => w.TryGetValue<DateTimeOffset>(out var other) && moment.EqualsExact(other),
        _ => JsonNode.DeepEquals(part, whole),
    };
}

/// <summary>Views that do not fit.</summary>
internal static partial class ViewRecords
{
    internal sealed record Unknown(string OrderId, string Colour);

    internal sealed record OtherType(decimal Total);

    internal sealed record NoList(string Lines);

    internal sealed record Requires(string? Note);

    internal sealed record NeverNull(string Note = "");

    [JsonSerializable(typeof(Unknown))]
    [JsonSerializable(typeof(OtherType))]
    [JsonSerializable(typeof(NoList))]
    [JsonSerializable(typeof(Requires))]
    [JsonSerializable(typeof(NeverNull))]
    internal sealed partial class Json : JsonSerializerContext;
}
