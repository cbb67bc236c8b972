using System.Collections;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>Checks one field of a record.</summary>
internal sealed class FieldCheck
{
    private readonly string _step;
    private readonly bool _isNullable;
    private readonly Func<object, object?> _get;
    private readonly ConstraintAttribute? _constraint;
    private readonly ItemsAttribute? _items;
    private readonly RecordCheck? _record;

    /// <param name="field">How the value is got.</param>
    /// <param name="rule">What was declared about it.</param>
    /// <param name="record">The check of the record that the field or its items are; <see langword="null"/> for a scalar.</param>
    public FieldCheck(JsonPropertyInfo field, FieldRule rule, RecordCheck? record)
    {
        _step = "." + field.Name;
        _isNullable = field.IsGetNullable;
        _get = field.Get ?? throw new NotSupportedException($"'{field.Name}' of '{field.DeclaringType}' cannot be read.");
        _constraint = rule.Constraint;
        _items = rule.Items;
        _record = record;
    }

    public Wrong? Check(object record)
    {
        var value = _get(record);
        if (value is null)
            return _isNullable ? null : new Wrong(_step, "is null");
        if (_items is null)
            return One(value) is { } wrong ? new Wrong(_step + wrong.Path, wrong.What) : null;
        var list = value as IList ?? ((IEnumerable)value).Cast<object?>().ToList();
        if (_items.WhatIsWrongWith(list.Count) is { } count)
            return new Wrong(_step, count);
        for (var i = 0; i < list.Count; i++)
        {
            if ((list[i] is { } item ? One(item) : new Wrong("", "is null")) is { } wrong)
                return new Wrong(string.Create(CultureInfo.InvariantCulture, $"{_step}[{i}]{wrong.Path}"), wrong.What);
        }

        return null;
    }

    private Wrong? One(object value)
    {
        if (_record is not null)
            return _record.Check(value);
        return _constraint?.WhatIsWrongWith(value) is { } wrong ? new Wrong("", wrong) : null;
    }
}
