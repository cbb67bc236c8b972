using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// The running value of one aggregate over one group. Undefined operands do not count. SUM and AVG are undefined if any
/// operand is no number, MIN and MAX if any is an array or object; across types MIN and MAX go by the order of ORDER BY.
/// </summary>
internal struct Aggregation
{
    private long _count;
    private double _sum;
    private bool _isUndefined;
    private SqlValue _extreme;

    public void Add(AggregateKind kind, in SqlValue operand)
    {
        if (!operand.IsDefined)
            return;
        _count++;
        switch (kind)
        {
            case AggregateKind.Sum or AggregateKind.Average:
                _sum += operand.Number;
                _isUndefined |= operand.Type != SqlType.Number;
                break;
            case AggregateKind.Min or AggregateKind.Max:
                _isUndefined |= operand.Type is SqlType.Array or SqlType.Object;
                var order = _count == 1 ? 0 : SqlValue.Order(operand, _extreme);
                if (_count == 1 || (kind == AggregateKind.Min ? order < 0 : order > 0))
                    _extreme = operand.Detach();
                break;
        }
    }

    public readonly SqlValue Result(AggregateKind kind) => kind switch
    {
        AggregateKind.Count => SqlValue.Of((double)_count),
        _ when _isUndefined => SqlValue.Undefined,
        AggregateKind.Sum => SqlValue.Of(_sum),
        AggregateKind.Average => _count == 0 ? SqlValue.Undefined : SqlValue.Of(_sum / _count),
        _ => _extreme,
    };

    /// <summary>Writes what a client merges with the results of other partition key ranges.</summary>
    public readonly void WritePartTo(Utf8JsonWriter writer, AggregateKind kind)
    {
        writer.WriteStartObject();
        var value = Result(kind);
        switch (kind)
        {
            case AggregateKind.Average:
                writer.WriteStartObject("item");
                if (!_isUndefined)
                {
                    writer.WritePropertyName("sum");
                    SqlValue.Of(_sum).WriteTo(writer);
                }

                writer.WriteNumber("count", _count);
                writer.WriteEndObject();
                break;
            case AggregateKind.Min or AggregateKind.Max:
                writer.WriteStartObject("item");
                if (value.IsDefined)
                {
                    writer.WritePropertyName(kind == AggregateKind.Min ? "min" : "max");
                    value.WriteTo(writer);
                }

                writer.WriteNumber("count", _count);
                writer.WriteEndObject();
                break;
            default:
                if (value.IsDefined)
                {
                    writer.WritePropertyName("item");
                    value.WriteTo(writer);
                }

                break;
        }

        writer.WriteEndObject();
    }
}
