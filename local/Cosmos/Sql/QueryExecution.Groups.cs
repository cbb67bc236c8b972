using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Groups and their aggregates, and the form in which results can be merged with those of other ranges.</summary>
internal sealed partial class QueryExecution
{
    /// <summary>Groups are collected in memory and answered in one page.</summary>
    private const int MaxGroups = 100_000;

    private void RunGroups()
    {
        var groups = new Dictionary<string, Group>(StringComparer.Ordinal);
        var order = new List<Group>();
        var key = new StringBuilder();
        foreach (var _ in Matches(Scan(), MaxChunk))
        {
            key.Clear();
            foreach (var item in _query.GroupBy)
                GroupKey.Append(key, item.Expression.Evaluate(_row));
            if (!groups.TryGetValue(key.ToString(), out var group))
            {
                if (groups.Count == MaxGroups)
                    throw CosmosFailure.NotSupported($"A query with more than {MaxGroups} groups.");
                groups.Add(key.ToString(), group = NewGroup());
                order.Add(group);
            }

            foreach (var aggregate in _query.Aggregates)
                group.Aggregations[aggregate.Index].Add(aggregate.Kind, aggregate.Operand(_row));
        }

        // Without GROUP BY everything is one group, and nothing is one as well.
        if (_query.GroupBy.Count == 0 && order.Count == 0)
            order.Add(NewGroup());
        foreach (var group in order)
            Project(group);
    }

    private Group NewGroup()
    {
        var select = _query.Select;
        var constants = select.Value is { } value
            ? new[] { ValueInGroup(value) }
            : [.. select.Items!.Select(item => ValueInGroup(item.Expression))];
        return new(constants, [.. _query.GroupBy.Select(item => item.Expression.Evaluate(_row).Copy())], new Aggregation[_query.Aggregates.Count]);
    }

    private SqlValue ValueInGroup(SqlExpression expression) =>
        expression is AggregateExpression ? SqlValue.Undefined : expression.Evaluate(_row).Copy();

    private void Project(Group group)
    {
        if (_query.IsPart)
        {
            ProjectPart(group);
            return;
        }

        if (_query.Select.Value is { } selected)
        {
            var value = ValueOf(group, selected, 0);
            if (value.IsDefined)
                value.WriteTo(_page.BeginItem());
            return;
        }

        var writer = _page.BeginItem();
        writer.WriteStartObject();
        for (var i = 0; i < group.Constants.Length; i++)
        {
            var item = _query.Select.Items![i];
            var value = ValueOf(group, item.Expression, i);
            if (!value.IsDefined)
                continue;
            writer.WritePropertyName(item.Name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static SqlValue ValueOf(Group group, SqlExpression expression, int place) => expression is AggregateExpression aggregate
        ? group.Aggregations[aggregate.Index].Result(aggregate.Kind)
        : group.Constants[place];

    /// <summary>
    /// A lone value is <c>[{"item":part}]</c>, anything else <c>{"groupByItems":[...],"payload":...}</c>, in which each
    /// aggregate is such an item.
    /// </summary>
    private void ProjectPart(Group group)
    {
        var writer = _page.BeginItem();
        if (_query.GroupBy.Count == 0 && _query.Select.Value is not null)
        {
            writer.WriteStartArray();
            WritePart(writer, group, _query.Select.Value, 0);
            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        if (_query.GroupBy.Count > 0)
            WriteValues(writer, "groupByItems", group.Key);
        if (_query.Select.Value is { } value)
        {
            WritePart(writer, group, value, 0, "payload");
        }
        else
        {
            writer.WriteStartObject("payload");
            for (var i = 0; i < group.Constants.Length; i++)
                WritePart(writer, group, _query.Select.Items![i].Expression, i, _query.Select.Items[i].Name);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, Group group, SqlExpression expression, int place, string? name = null)
    {
        var aggregate = expression as AggregateExpression;
        if (aggregate is null && !group.Constants[place].IsDefined)
            return;
        if (name is not null)
            writer.WritePropertyName(name);
        if (aggregate is not null)
            group.Aggregations[aggregate.Index].WritePartTo(writer, aggregate.Kind);
        else
            group.Constants[place].WriteTo(writer);
    }

    /// <summary>A document; as part of an ordered result, with what it is ordered by.</summary>
    private void ProjectPart(StoredDocument document)
    {
        if (!_query.IsPart || _query.OrderBy.Count == 0)
        {
            Project(document);
            return;
        }

        Span<byte> rid = stackalloc byte[ResourceId.DocumentLength];
        ResourceId.WriteDocument(rid, _scope.Container.Database.Number, _scope.Container.Number, document.Rid);
        var writer = _page.BeginItem();
        writer.WriteStartObject();
        writer.WriteString("_rid"u8, rid);
        WriteValues(writer, "orderByItems", [.. _query.OrderBy.Select(item => item.Path.Evaluate(_row))]);
        var select = _query.Select;
        if (select.IsStar || select.Value is PathExpression { IsDocument: true })
        {
            writer.WritePropertyName("payload"u8);
            writer.WriteRawValue(document.Json, skipInputValidation: true);
        }
        else if (select.Items is { } items)
        {
            writer.WritePropertyName("payload"u8);
            WriteItems(writer, items);
        }
        else if (select.Value!.Evaluate(_row) is { IsDefined: true } value)
        {
            writer.WritePropertyName("payload"u8);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private void WriteItems(Utf8JsonWriter writer, List<SelectItem> items)
    {
        writer.WriteStartObject();
        foreach (var item in items)
        {
            var value = item.Expression.Evaluate(_row);
            if (!value.IsDefined)
                continue;
            writer.WritePropertyName(item.Name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter writer, string name, SqlValue[] values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStartObject();
            if (value.IsDefined)
            {
                writer.WritePropertyName("item"u8);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <param name="Constants">The values of what is selected, by place; undefined for aggregates.</param>
    /// <param name="Key">The values grouped by.</param>
    /// <param name="Aggregations">The aggregates so far.</param>
    private sealed record Group(SqlValue[] Constants, SqlValue[] Key, Aggregation[] Aggregations);
}
