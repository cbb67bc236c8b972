namespace Pipeline.Local.Cosmos.Sql;

/// <summary>What a query runs over.</summary>
internal sealed record QueryScope(DocumentStore Store, StoredContainer Container, PartitionKeyValue? PartitionKey, RingRange Range);

/// <summary>One run of a query for one page: scan, filter, order, window, project.</summary>
internal sealed class QueryExecution : IDisposable
{
    private const int MaxChunk = 4096;
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
        _row = new SqlRow(parameters, scope.Container.PartitionKeyProperty);
        _from = QueryPosition.Parse(continuation);
        _maxItems = maxItems;
        _page = new ResultPage(scope.Container.Rid);
        _skip = _from?.Skip ?? Count(query.Offset) ?? 0;
        _take = _from?.Take ?? Count(query.Top ?? query.Limit) ?? long.MaxValue;
    }

    public ResultPage Run()
    {
        if (_take == 0)
            return _page;
        // The scan of one partition is in the order of ids, and ids are unique there: further sort paths change nothing.
        var byId = _scope.PartitionKey is not null && _query.OrderBy is [{ Path: var first }, ..] && first.IsTopLevel("id");
        if (_query.Aggregates.Count > 0)
            RunAggregates();
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

    private void RunAggregates()
    {
        var counts = new double[_query.Aggregates.Count];
        foreach (var _ in Matches(Scan(), MaxChunk))
        {
            for (var i = 0; i < counts.Length; i++)
            {
                if (_query.Aggregates[i].Counts(_row))
                    counts[i]++;
            }
        }

        // Aggregates are never paged: the SDK would concatenate partial results.
        _row.Aggregates = counts;
        Project(null);
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

            Project(document);
            if (--_take == 0)
                return;
        }
    }

    private void RunSorted()
    {
        var order = new SortOrder(_query.OrderBy);
        var from = _from is null ? default(SortedRow?) : new SortedRow(null, _from.Last, _from.SortValues ?? throw new CosmosFailure(400, "The continuation token belongs to another query."));
        var wanted = Math.Min(_maxItems, _take) + _skip + 1;
        var rows = new List<SortedRow>();
        foreach (var document in Matches(Scan(), MaxChunk))
        {
            var row = new SortedRow(document, new(document.Partition.EffectiveKey, document.Id), order.ValuesOf(_row));
            if (from is { } position && order.Compare(row, position) <= 0)
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
            Project(row.Document!);
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
                if (scan.IsExact || _query.Where!.Evaluate(_row).IsTrue)
                    yield return document;
            }
        }
    }

    private void Continue(StoredDocument last, SqlValue[]? sortValues)
    {
        var position = new QueryPosition(new(last.Partition.EffectiveKey, last.Id), sortValues, _skip, _take);
        _page.Continuation = position.ToToken();
    }

    private void Project(StoredDocument? document)
    {
        var select = _query.Select;
        if (document is not null && (select.IsStar || select.Value is PathExpression { IsDocument: true }))
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
            var writer = _page.BeginItem();
            writer.WriteStartObject();
            foreach (var item in select.Items!)
            {
                var value = item.Expression.Evaluate(_row);
                if (!value.IsDefined)
                    continue;
                writer.WritePropertyName(item.Name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }
    }

    private long? Count(SqlExpression? expression)
    {
        if (expression is null)
            return null;
        var value = expression.Evaluate(_row);
        return value.Type == SqlType.Number && value.Number >= 0 && value.Number == Math.Floor(value.Number)
            ? (long)value.Number
            : throw new CosmosFailure(400, "TOP, OFFSET and LIMIT take integers that are not negative.");
    }

    private readonly record struct SortedRow(StoredDocument? Document, DocumentKey Key, SqlValue[] Values);

    private sealed class SortOrder(List<OrderByItem> items) : IComparer<SortedRow>
    {
        public SqlValue[] ValuesOf(SqlRow row)
        {
            var values = new SqlValue[items.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = items[i].Path.Evaluate(row).Detach();
            return values;
        }

        public int Compare(SortedRow x, SortedRow y)
        {
            for (var i = 0; i < items.Count; i++)
            {
                var order = SqlValue.Order(x.Values[i], y.Values[i]);
                if (order != 0)
                    return items[i].Descending ? -order : order;
            }

            var byKey = x.Key.EffectiveKey.CompareTo(y.Key.EffectiveKey);
            return byKey != 0 ? byKey : string.CompareOrdinal(x.Key.Id, y.Key.Id);
        }
    }
}
