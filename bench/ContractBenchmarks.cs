using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Bench;

/// <summary>What validation costs an event of 1 KB, at its consumer (read and check) and at its producer (check).</summary>
[Config(typeof(ShortInProcess))]
[MemoryDiagnoser]
public class ContractBenchmarks
{
    private readonly Contract _contract = ContractCatalog.Find("com.contoso.ordering.order-placed.v1")!;
    private readonly OrderPlaced _order = new(
        "o-7f3a91c04b5e6d2817aa03ff", "ada.lovelace", "EUR", 1234.5m, [.. Enumerable.Range(1, 12).Select(i => new OrderLine(Invariant($"article-{i:D4}-blue"), i, 12.5m))], new string('n', 220));

    private readonly byte[] _json;

    public ContractBenchmarks()
    {
        _json = JsonSerializer.SerializeToUtf8Bytes(_order, ContractJson.Default.OrderPlaced);
        if (_json.Length is < 1000 or > 1200 || _contract.TryRead(_json, out _) is not null)
            throw new InvalidOperationException($"The event has {_json.Length} bytes: {Encoding.UTF8.GetString(_json)}");
    }

    /// <summary>At the consumer: strict deserialization and declared limits.</summary>
    [Benchmark]
    public string? ReadAndCheck() => _contract.TryRead(_json, out _);

    /// <summary>Of that, the deserialization.</summary>
    [Benchmark]
    public OrderPlaced? Read() => JsonSerializer.Deserialize(_json, ContractJson.Default.OrderPlaced);

    /// <summary>At the producer: declared limits.</summary>
    [Benchmark]
    public string? Check() => _contract.WhatIsWrongWith(_order);
}
