using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>How results are written, also those that a client merges with the ones of other ranges.</summary>
internal sealed partial class QueryExecution
{
    /// <summary>
    /// A lone value is <c>[{"item":part}]</c>, anything else <c>{"groupByItems":[...],"payload":...}</c>, in which each
    /// aggregate is such an item.
    /// </summary>
    private void ProjectPart(RowGroup group)
    {
        var writer = _page.BeginItem();
        if (_select.GroupBy.Count == 0 && _select.Select.Value is not null)
        {
            writer.WriteStartArray();
            WritePart(writer, group, _select.Select.Value);
            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        if (_select.GroupBy.Count > 0)
            WriteValues(writer, "groupByItems", [.. group.Keys]);
        if (_select.Select.Value is { } value)
        {
            WritePart(writer, group, value, "payload");
        }
        else
        {
            writer.WriteStartObject("payload");
            foreach (var item in _select.Select.Items!)
                WritePart(writer, group, item.Expression, item.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WritePart(Utf8JsonWriter writer, RowGroup group, SqlExpression expression, string? name = null)
    {
        var aggregate = expression as AggregateExpression;
        var value = aggregate is null ? expression.Evaluate(_row).ForResult() : SqlValue.Undefined;
        if (aggregate is null && !value.IsDefined)
            return;
        if (name is not null)
            writer.WritePropertyName(name);
        if (aggregate is not null)
            group.Aggregations[_select.Aggregates.IndexOf(aggregate)].WritePartTo(writer, aggregate.Kind);
        else
            value.WriteTo(writer);
    }

    /// <summary>A document; as part of an ordered result, with what it is ordered by.</summary>
    private void ProjectPart(StoredDocument document)
    {
        if (!_query.IsPart || _select.OrderBy.Count == 0)
        {
            Project(document);
            return;
        }

        Span<byte> rid = stackalloc byte[ResourceId.DocumentLength];
        ResourceId.WriteDocument(rid, _scope.Container.Database.Number, _scope.Container.Number, document.Rid);
        var writer = _page.BeginItem();
        writer.WriteStartObject();
        writer.WriteString("_rid"u8, rid);
        WriteValues(writer, "orderByItems", [.. _select.OrderBy.Select(item => item.Path.Evaluate(_row))]);
        if (_select.IsOfWholeDocuments)
        {
            writer.WritePropertyName("payload"u8);
            writer.WriteRawValue(document.Json, skipInputValidation: true);
        }
        else if (_pipeline.Project(_select) is { IsDefined: true } value)
        {
            writer.WritePropertyName("payload"u8);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private void Project(StoredDocument document)
    {
        if (_select.IsOfWholeDocuments)
            _page.Add(document.Json);
        else if (_pipeline.Project(_select) is { IsDefined: true } value)
            value.WriteTo(_page.BeginItem());
    }

    private static void WriteValues(Utf8JsonWriter writer, string name, SqlValue[] values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStartObject();
            if (value.ForResult() is { IsDefined: true } defined)
            {
                writer.WritePropertyName("item"u8);
                defined.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
