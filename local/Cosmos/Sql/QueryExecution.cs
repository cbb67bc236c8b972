namespace Pipeline.Local.Cosmos.Sql;

/// <summary>What a query runs over.</summary>
internal sealed record QueryScope(DocumentStore Store, StoredContainer Container, PartitionKeyValue? PartitionKey, RingRange Range);

/// <summary>One run of a query for one page: scan, filter, order, window, project.</summary>
internal sealed partial class QueryExecution : IDisposable
{
    private const int MaxChunk = 4096;
    private const int MaxWindow = 1_000_000_000;

    private readonly SqlQuery _query;
    private readonly QueryScope _scope;
    private readonly SqlRow _row;
    private readonly QueryPosition? _from;
    private readonly int _maxItems;
    private readonly ResultPage _page;
    private long _skip;
    private long _take;
    private int _visited;

    public QueryExecution(SqlQuery query, SqlValue[] parameters, QueryScope scope, string? continuation, int maxItems)
    {
        _query = query;
        _scope = scope;
        _row = new SqlRow(parameters, scope.Container.Definition.PartitionKeyProperty);
        _from = QueryPosition.Parse(continuation);
        _maxItems = maxItems;
        _page = new ResultPage(scope.Container.Rid);
        var (top, offset, limit) = Limits(query, _row);
        _skip = _from?.Skip ?? offset ?? 0;
        _take = _from?.Take ?? top ?? limit ?? long.MaxValue;
        // Which of the first results of all ranges are left out is for the client to tell.
        if (query.IsPart && _from is null && limit is not null)
            (_skip, _take) = (0, _skip + _take);
    }

    /// <summary>What the client has seen of this range and others.</summary>
    public ResumePoint? Resume { get; init; }

    /// <summary>The values of TOP, OFFSET and LIMIT, which may be parameters.</summary>
    public static (long? Top, long? Offset, long? Limit) Limits(SqlQuery query, SqlRow row) =>
        (Count(query.Top, row), Count(query.Offset, row), Count(query.Limit, row));

    public ResultPage Run()
    {
        if (_take == 0)
            return _page;
        // The scan of one partition is in the order of ids, and ids are unique there: further sort paths change nothing.
        var byId = !_query.IsPart && _scope.PartitionKey is not null && _query.OrderBy is [{ Path: var first }, ..] && first.IsTopLevel("id");
        if (_query.HasGroups)
            RunGroups();
        else if (_query.OrderBy.Count == 0 || byId)
            RunInScanOrder(descending: byId && _query.OrderBy[0].Descending);
        else
            RunSorted();
        _page.RequestCharge = RequestCharge.Query(_visited, _page.Bytes);
        return _page;
    }

    public void Dispose()
    {
        _row.Dispose();
        _page.Dispose();
    }

    private void RunInScanOrder(bool descending)
    {
        var scan = Scan(descending, _from?.Last);
        // One more than wanted tells whether there is another page.
        var wanted = Math.Min(_maxItems, _take) + _skip + 1;
        StoredDocument? last = null;
        foreach (var document in Matches(scan, scan.IsExact ? (int)Math.Min(wanted, MaxChunk) : 128))
        {
            if (_page.Count >= _maxItems || _page.IsLarge)
            {
                Continue(last!, null);
                return;
            }

            last = document;
            if (_skip > 0)
            {
                _skip--;
                continue;
            }

            ProjectPart(document);
            if (--_take == 0)
                return;
        }
    }

    private void RunSorted()
    {
        var order = new SortOrder(_query.OrderBy);
        SortedRow? from = null;
        if (_from is not null)
        {
            if (_from.SortValues?.Length != _query.OrderBy.Count)
                throw new CosmosFailure(400, "The continuation token belongs to another query.");
            from = new SortedRow(null, _from.Rid, _from.SortValues);
        }

        var wanted = Math.Min(_maxItems, _take) + _skip + 1;
        var rows = new List<SortedRow>();
        foreach (var document in Matches(Scan(), MaxChunk))
        {
            var row = new SortedRow(document, document.Rid, order.ValuesOf(_row));
            if ((from is { } position && order.Compare(row, position) <= 0) || (Resume is not null && order.IsSeen(row, Resume)))
                continue;
            rows.Add(row);
            // Keeps memory in proportion to the page, not to the matches.
            if (rows.Count >= 4 * wanted + 1024)
            {
                rows.Sort(order);
                rows.RemoveRange((int)wanted, rows.Count - (int)wanted);
            }
        }

        rows.Sort(order);
        SortedRow? last = null;
        foreach (var row in rows)
        {
            if (_page.Count >= _maxItems || _page.IsLarge)
            {
                Continue(last!.Value.Document!, last.Value.Values);
                return;
            }

            last = row;
            if (_skip > 0)
            {
                _skip--;
                continue;
            }

            _row.MoveTo(row.Document!);
            ProjectPart(row.Document!);
            if (--_take == 0)
                return;
        }
    }

    private DocumentScan Scan(bool descending = false, DocumentKey? after = null) =>
        new(_scope, _query.Where, _row, descending, after);

    /// <summary>The documents that satisfy the condition; the row stands on the one returned.</summary>
    private IEnumerable<StoredDocument> Matches(DocumentScan scan, int firstChunk)
    {
        var chunk = new List<StoredDocument>();
        for (var size = firstChunk; !scan.IsFinished; size = Math.Min(size * 4, MaxChunk))
        {
            chunk.Clear();
            scan.Fill(chunk, size);
            foreach (var document in chunk)
            {
                _visited++;
                _row.MoveTo(document);
                if ((scan.IsExact || _query.Where!.Evaluate(_row).IsTrue) && _query.ResumeFilter?.Evaluate(_row).IsTrue != false)
                    yield return document;
            }
        }
    }

    private void Continue(StoredDocument last, SqlValue[]? sortValues)
    {
        var position = new QueryPosition(new(last.Partition.EffectiveKey, last.Id), last.Rid, sortValues, _skip, _take);
        _page.Continuation = position.ToToken();
    }

    private void Project(StoredDocument document)
    {
        var select = _query.Select;
        if (select.IsStar || select.Value is PathExpression { IsDocument: true })
        {
            _page.Add(document.Json);
        }
        else if (select.Value is not null)
        {
            var value = select.Value.Evaluate(_row);
            if (value.IsDefined)
                value.WriteTo(_page.BeginItem());
        }
        else
        {
            WriteItems(_page.BeginItem(), select.Items!);
        }
    }

    private static long? Count(SqlExpression? expression, SqlRow row)
    {
        if (expression is null)
            return null;
        var value = expression.Evaluate(row);
        return value.Type == SqlType.Number && value.Number is >= 0 and <= MaxWindow && value.Number == Math.Floor(value.Number)
            ? (long)value.Number
            : throw new CosmosFailure(400, $"TOP, OFFSET and LIMIT take integers from 0 to {MaxWindow}.");
    }

    private readonly record struct SortedRow(StoredDocument? Document, ulong Rid, SqlValue[] Values);

    private sealed class SortOrder(List<OrderByItem> items) : IComparer<SortedRow>
    {
        public SqlValue[] ValuesOf(SqlRow row)
        {
            var values = new SqlValue[items.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = items[i].Path.Evaluate(row).Detach();
            return values;
        }

        public int Compare(SortedRow x, SortedRow y) => CompareValues(x.Values, y.Values) is not 0 and var order ? order : CompareRids(x.Rid, y.Rid);

        public bool IsSeen(SortedRow row, ResumePoint resume)
        {
            var order = CompareValues(row.Values, resume.Values);
            if (order == 0 && resume.Rid is { } rid)
                order = CompareRids(row.Rid, rid);
            return order < 0 || (order == 0 && resume.Exclude);
        }

        private int CompareValues(SqlValue[] x, SqlValue[] y)
        {
            for (var i = 0; i < items.Count; i++)
            {
                var order = SqlValue.Order(x[i], y[i]);
                if (order != 0)
                    return items[i].Descending ? -order : order;
            }

            return 0;
        }

        /// <summary>What is equal comes in the order of rids, in the direction of the first path: clients count on it to go on.</summary>
        private int CompareRids(ulong x, ulong y) => items[0].Descending ? y.CompareTo(x) : x.CompareTo(y);
    }
}
