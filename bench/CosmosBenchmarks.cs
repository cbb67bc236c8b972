using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Bench;

/// <summary>The embedded Cosmos DB on disk, without client and HTTP, when it holds far more than it keeps in memory.</summary>
[Config(typeof(ShortInProcess))]
[MemoryDiagnoser]
public class CosmosBenchmarks : IDisposable
{
    private const int Documents = 500_000;
    private const int DocumentsOfPartition = 5;

    private readonly string _directory = Directory.CreateTempSubdirectory("bench-").FullName;
    private readonly DocumentStore _store;
    private readonly StoredContainer _container;
    private readonly Random _random = new(1);
    private int _next;

    /// <summary>Fills the store.</summary>
    public CosmosBenchmarks()
    {
        _store = new DocumentStore(Path.Combine(_directory, "cosmos.journal"), TimeProvider.System, NullLogger.Instance);
        _container = _store.CreateContainer(_store.CreateDatabase("db").Database, "items", new ContainerDefinition(["/pk"]), -1).Container;
        while (_next < Documents)
            Write(_next++);
    }

    /// <summary>A new document of 1 KB.</summary>
    [Benchmark]
    public void Create() => Write(_next++);

    /// <summary>A document that was written lately, again.</summary>
    [Benchmark]
    public void Replace() => Write(_next - 1 - _random.Next(1000));

    /// <summary>A document that was written lately.</summary>
    [Benchmark]
    public int ReadRecent() => Read(_next - 1 - _random.Next(1000));

    /// <summary>Any document: most are in no cache but the operating system's.</summary>
    [Benchmark]
    public int ReadAny() => Read(_random.Next(_next));

    /// <summary>100 changes, behind any.</summary>
    [Benchmark]
    public long ReadChanges() =>
        ChangeFeed.Read(new QueryScope(_store, _container, null, RingRange.All), _random.NextInt64(_container.Lsn), 100).Lsn;

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"order-{number / DocumentsOfPartition}");

    private int Execute(ItemOperationKind kind, int number, ItemContent? content)
    {
        var operation = new ItemOperation { Kind = kind, Id = string.Create(CultureInfo.InvariantCulture, $"event-{number}"), Content = content };
        var result = default(ItemResult);
        _store.Execute(_container, PartitionKeyValue.Of(KeyOf(number)), new ReadOnlySpan<ItemOperation>(in operation), new Span<ItemResult>(ref result));
        return result.IsSuccess ? result.Body.Length : throw new InvalidOperationException(result.Message);
    }

    private int Read(int number) => Execute(ItemOperationKind.Read, number, null);

    private void Write(int number)
    {
        var json = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$"""{"id":"event-{{number}}","pk":"{{KeyOf(number)}}","kind":"event","text":"{{new string('x', 900)}}"}"""));
        Execute(ItemOperationKind.Upsert, number, ItemContent.Parse(json, _container.Definition));
    }
}
