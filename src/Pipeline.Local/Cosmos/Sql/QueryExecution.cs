namespace Pipeline.Local.Cosmos.Sql;

/// <summary>One run of a query for one page: scan, filter, order, window, project.</summary>
internal sealed partial class QueryExecution : IDisposable
{
    private const int MaxChunk = 4096;

    private readonly SqlQuery _query;
    private readonly SqlSelect _select;
    private readonly QueryScope _scope;
    private readonly SqlRow _row;
    private readonly SelectPipeline _pipeline;
    private readonly QueryPosition? _from;
    private readonly int _maxItems;
    private readonly ResultPage _page;
    private readonly SqlWindow _window;
    private long _skip;
    private long _take;
    private int _visited;

    public QueryExecution(SqlQuery query, SqlValue[] parameters, QueryScope scope, string? continuation, int maxItems)
    {
        _query = query;
        _select = query.Body;
        _scope = scope;
        _row = new SqlRow(parameters, scope.Container.Definition.PartitionKeyProperty, query.Slots) { Now = scope.Store.Now };
        _pipeline = new SelectPipeline(_row, select => Matches(select, new DocumentScan(scope, select.Where, _row, descending: false, after: null), MaxChunk));
        _from = QueryPosition.Parse(continuation);
        _maxItems = maxItems;
        _page = new ResultPage(scope.Container.Rid);
        _window = SqlWindow.Of(_select, _row);
        // Which of the first results of all ranges are left out is for the client to tell; of groups, and of what it makes
        // distinct itself, it needs all.
        if (query.IsPart)
            _window = _select.HasGroups || (_select.IsDistinct && query.IsStreamed) ? SqlWindow.All : _select.Limit is null ? _window : new(0, _window.Skip + _window.Take);
        _skip = _from?.Skip ?? _window.Skip;
        _take = _from?.Take ?? _window.Take;
    }

    /// <summary>What the client has seen of this range and others.</summary>
    public ResumePoint? Resume { get; init; }

    private bool IsFull => _page.Count >= _maxItems || _page.IsLarge;

    public ResultPage Run()
    {
        if (_take == 0)
            return _page;
        // The scan of one partition is in the order of ids, and ids are unique there: further sort paths change nothing.
        var byId = !_query.IsPart && _scope.PartitionKey is not null && _select.OrderBy is [{ Path: var first }, ..] && first.IsTopLevel("id");
        if (!_query.IsStreamed)
            RunCollected();
        else if (_select.OrderBy.Count == 0 || byId)
            RunInScanOrder(descending: byId && _select.OrderBy[0].Descending);
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
        var scan = new DocumentScan(_scope, _select.Where, _row, descending, _from?.Last);
        // One more than wanted tells whether there is another page.
        var wanted = Math.Min(_maxItems, _take) + _skip + 1;
        var last = _from?.Last;
        foreach (var document in Matches(_select, scan, scan.IsExact ? (int)Math.Min(wanted, MaxChunk) : 128))
        {
            if (!AddRows(document, seen => Continue(last, 0, null, document, seen)))
                return;
            last = new(document.Partition.EffectiveKey, document.Id);
        }
    }

    private void RunSorted()
    {
        var order = new SortOrder(_select.OrderBy);
        SortedRow? from = null;
        if (_from is not null && (_from.SortValues is not null || _from.Seen == 0))
        {
            if (_from.SortValues?.Length != _select.OrderBy.Count)
                throw new CosmosFailure(400, "The continuation token belongs to another query.");
            from = new SortedRow(null, _from.Rid, _from.SortValues);
        }

        var wanted = Math.Min(_maxItems, _take) + _skip + 1;
        var rows = new List<SortedRow>();
        var scan = new DocumentScan(_scope, _select.Where, _row, descending: false, after: null);
        foreach (var document in Matches(_select, scan, MaxChunk))
        {
            if (_select.Sources.Count > 1 && !_pipeline.Rows(_select, 1).Any())
                continue;
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
        var last = from;
        foreach (var row in rows)
        {
            var document = row.Document!;
            _row.MoveTo(document);
            if (!AddRows(document, seen => Continue(last?.Document is { } before ? new(before.Partition.EffectiveKey, before.Id) : _from?.Last, last?.Rid ?? 0, last?.Values, document, seen)))
                return;
            last = row;
        }
    }

    /// <summary>Adds the rows of a document: one, or those of its joins.</summary>
    /// <param name="document">The document, which the row stands on.</param>
    /// <param name="continueWith">Called when the page is full, with the number of rows that it has of the document.</param>
    /// <returns>False: the page is complete.</returns>
    private bool AddRows(StoredDocument document, Action<long> continueWith)
    {
        var seenBefore = _from is not null && _from.Partial == document.Rid ? _from.Seen : 0;
        var seen = 0L;
        foreach (var _ in _select.Sources.Count > 1 ? _pipeline.Rows(_select, 1) : [0])
        {
            if (seen < seenBefore)
            {
                seen++;
                continue;
            }

            if (IsFull)
            {
                continueWith(seen);
                return false;
            }

            seen++;
            if (_skip > 0)
            {
                _skip--;
                continue;
            }

            ProjectPart(document);
            if (--_take == 0)
                return false;
        }

        return true;
    }

    /// <summary>Results that come of all documents together. The next page computes them again and goes on behind those of this one.</summary>
    private void RunCollected()
    {
        if (_select.Sources.Count == 0 && !_scope.IsFirst)
            return;
        if (_query.IsPart && _select.HasGroups)
        {
            foreach (var group in _pipeline.Groups(_select))
            {
                _pipeline.MoveTo(_select, group);
                ProjectPart(group);
            }

            return;
        }

        var before = _from?.Seen ?? 0;
        var seen = 0L;
        foreach (var value in _pipeline.Results(_select, _window))
        {
            if (seen++ < before)
                continue;
            if (IsFull)
            {
                _page.Continuation = new QueryPosition(null, 0, null, 0, _take, 0, seen - 1).ToToken();
                return;
            }

            value.WriteTo(_page.BeginItem());
        }
    }

    /// <summary>
    /// The documents that satisfy the condition; the row stands on the one returned. With joins, whose rows the condition is
    /// about, all that it may be true of.
    /// </summary>
    private IEnumerable<StoredDocument> Matches(SqlSelect select, DocumentScan scan, int firstChunk)
    {
        var chunk = new List<StoredDocument>();
        var isChecked = scan.IsExact || select.Sources.Count > 1;
        for (var size = firstChunk; !scan.IsFinished; size = Math.Min(size * 4, MaxChunk))
        {
            chunk.Clear();
            scan.Fill(chunk, size);
            foreach (var document in chunk)
            {
                _visited++;
                _row.MoveTo(document);
                if ((isChecked || select.Where!.Evaluate(_row).IsTrue) && _query.ResumeFilter?.Evaluate(_row).IsTrue != false)
                    yield return document;
            }
        }
    }

    private void Continue(DocumentKey? last, ulong lastRid, SqlValue[]? sortValues, StoredDocument next, long seen) =>
        _page.Continuation = new QueryPosition(last, lastRid, sortValues, _skip, _take, seen > 0 ? next.Rid : 0, seen).ToToken();
}
