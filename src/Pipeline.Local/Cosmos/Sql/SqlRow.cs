using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// What an expression is evaluated on: one document at a time, parsed only when it must be, and the values of the other
/// sources of FROM, of groups and of aggregates, each in a slot of its own.
/// </summary>
internal sealed class SqlRow(SqlValue[] parameters, string? partitionKeyProperty, int slots = 1) : IDisposable
{
    /// <summary>The document's slot.</summary>
    public const int DocumentSlot = 0;

    /// <summary>Rows of joins and subqueries that one request may go through: some seconds.</summary>
    private const long MaxSteps = 2_000_000;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };
    private readonly SqlValue[] _slots = new SqlValue[slots];
    private JsonDocument? _parsed;
    private Random? _random;
    private long _steps;

    public StoredDocument Document { get; private set; } = null!;

    /// <summary>Top-level property whose value the document's partition tells; null if there is none.</summary>
    public string? PartitionKeyProperty { get; } = partitionKeyProperty;

    /// <summary>The time, which is the same throughout a request.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>What subqueries are evaluated with.</summary>
    public SelectPipeline Pipeline => field ??= new(this, null);

    public Random Random => _random ??= new Random(Now.GetHashCode());

    public JsonElement Root => (_parsed ??= JsonDocument.Parse(Document.Json, Options)).RootElement;

    public SqlValue this[int slot]
    {
        get => _slots[slot];
        set => _slots[slot] = value;
    }

    public SqlValue Parameter(int index) => parameters[index];

    public void MoveTo(StoredDocument document)
    {
        _parsed?.Dispose();
        _parsed = null;
        Document = document;
    }

    /// <summary>Counts a row of a join or subquery.</summary>
    /// <exception cref="CosmosFailure">400: there are too many.</exception>
    public void Step()
    {
        if (++_steps > MaxSteps)
            throw new CosmosFailure(400, $"The joins and subqueries of the query have more than {MaxSteps} rows; narrow it.");
    }

    public void Dispose()
    {
        _parsed?.Dispose();
        _parsed = null;
    }
}
