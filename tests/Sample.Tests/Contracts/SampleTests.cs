using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Messaging;
using Pipeline.Contracts;
using Pipeline.Messages;

namespace Pipeline.Tests.ContractRules;

/// <summary>Stored samples: events that stay readable, whatever becomes of the records.</summary>
public sealed class SampleTests
{
    public static TheoryData<string, string> Samples
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var sample in Sample.All)
                data.Add(sample.Contract.Type, sample.Name);
            return data;
        }
    }

    [Fact]
    public void Every_contract_has_a_full_and_a_minimal_sample() =>
        Assert.All(ContractCatalog.All, c => Assert.Superset(new HashSet<string> { "full", "minimal" }, Sample.All.Where(s => s.Contract == c).Select(s => s.Name).ToHashSet()));

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_read_and_written_again_with_the_same_meaning(string type, string name)
    {
        var sample = Find(type, name);
        Assert.Null(sample.Contract.TryRead(JsonSerializer.SerializeToUtf8Bytes(sample.Data), out var data));
        var again = JsonSerializer.SerializeToNode(data, sample.Contract.Json);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(sample.Data.GetRawText()), again), $"{type} {name} became {again}");
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_the_event_that_its_contract_says(string type, string name)
    {
        var sample = Find(type, name);
        var message = EventReader.Read(sample.Bytes, out var failure);
        Assert.True(message is not null, failure?.Description);
        Assert.Equal(type, message.Type);
        Assert.NotNull(CloudEvent.Parse(BinaryData.FromBytes(sample.Bytes))!.Id);
        Assert.Null(sample.Contract.TryRead(JsonSerializer.SerializeToUtf8Bytes(sample.Data), out var data));
        if (message.Subject is { } subject)
            Assert.Equal(sample.Contract.KeyOf(data!), subject);
        if (sample.Event.TryGetProperty("dataschema", out var schema))
            Assert.Equal(sample.Contract.SchemaAddress(new Uri("https://pipeline.example/")).AbsoluteUri, schema.GetString());

        // Who numbers facts, numbers all of them, and nothing else.
        if (sample.Event.TryGetProperty("partitionkey", out _))
            Assert.Equal(sample.Contract.IsEvent, message.Sequence is not null);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_full_sample_has_every_field_and_a_minimal_one_only_what_is_required(string type, string name)
    {
        var sample = Find(type, name);
        AssertFields(JsonDocument.Parse(sample.Contract.Schema).RootElement, sample.Data, name);
    }

    [Fact]
    public void Samples_are_valid_for_a_validator_of_another_maker() => Assert.All(
        Sample.All, sample => Assert.Null(SchemaJudge.WhatIsWrongWith(sample.Contract.Schema, sample.Data.GetRawText())));

    private static Sample Find(string type, string name) => Sample.All.Single(s => s.Contract.Type == type && s.Name == name);

    private static void AssertFields(JsonElement schema, JsonElement data, string name)
    {
        var all = schema.GetProperty("properties").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!).ToHashSet() : [];
        var there = data.EnumerateObject().Select(p => p.Name).ToHashSet();
        if (name == "full")
            Assert.Equal(all.Keys.ToHashSet(), there);
        if (name == "minimal")
            Assert.Equal(required, there);
        foreach (var field in data.EnumerateObject())
        {
            if (all[field.Name].TryGetProperty("items", out var items) && items.TryGetProperty("properties", out _))
                Assert.All(field.Value.EnumerateArray(), item => AssertFields(items, item, name));
        }
    }
}
