using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>Checks the records of one type. The declarations are read once; a check costs delegate calls.</summary>
internal sealed class RecordCheck
{
    private const int MostDepth = 8;

    private readonly FieldCheck[] _fields;

    internal RecordCheck(FieldCheck[] fields) => _fields = fields;

    /// <exception cref="NotSupportedException">A field has a type that contracts cannot have, or no limits.</exception>
    public static RecordCheck Of(JsonTypeInfo record, int depth = 1)
    {
        RefuseDeeperThanAllowed(record, depth);
        if (record.Kind != JsonTypeInfoKind.Object)
            throw new NotSupportedException($"'{record.Type}' is no record; the data of a contract is an object.");
        return new RecordCheck([.. record.Properties.Select(p => (Field: p, Rule: new FieldRule(p)))
            .Select(p => new FieldCheck(p.Field, p.Rule, p.Rule.Record is null ? null : Of(p.Rule.Record, depth + 1)))]);
    }

    /// <summary>Ends the descent into a record that contains itself.</summary>
    internal static void RefuseDeeperThanAllowed(JsonTypeInfo record, int depth)
    {
        if (depth > MostDepth)
            throw new NotSupportedException($"'{record.Type}' contains itself, or lies more than {MostDepth} records deep; contracts cannot do that.");
    }

    public ContractViolation? ViolationIn(object data) => Check(data) is { } wrong ? new ContractViolation("$" + wrong.Path, wrong.What) : null;

    internal Wrong? Check(object data)
    {
        foreach (var field in _fields)
        {
            if (field.Check(data) is { } wrong)
                return wrong;
        }

        return null;
    }
}
