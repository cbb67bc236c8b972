using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A path from the document or another value of the row: <c>c</c>, <c>c.a.b</c>, <c>c["a"][0]</c>.</summary>
/// <param name="slot">Where the value is that it starts from.</param>
/// <param name="root">What the query calls that value.</param>
/// <param name="steps">The steps from there.</param>
internal sealed class PathExpression(int slot, string? root, PathStep[] steps) : SqlExpression
{
    private readonly bool _isOfDocument = slot == SqlRow.DocumentSlot;
    private readonly bool _isId = slot == SqlRow.DocumentSlot && steps is [{ Name: "id" }];
    private readonly bool _isIndexed = slot == SqlRow.DocumentSlot && steps is [{ Name: StoredContainer.IndexedProperty }];

    /// <summary>The name of the property in a result; null for an element of an array.</summary>
    public string? LastName => steps.Length > 0 ? steps[^1].Name : root;

    public bool IsDocument => _isOfDocument && steps.Length == 0;

    public int Slot => slot;

    /// <summary>The value itself, not a part of it.</summary>
    public bool IsWhole => steps.Length == 0;

    /// <summary>Begins at the document, not at something joined to it.</summary>
    public bool IsOfDocument => _isOfDocument;

    /// <summary>Tells whether two paths are the same, however they are written.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{slot}{string.Concat(steps.Select(step => step.Name is null ? string.Create(CultureInfo.InvariantCulture, $"[{step.Index}]") : $"/{step.Name}"))}");

    public bool IsTopLevel(string? property) =>
        property is not null && _isOfDocument && steps.Length == 1 && string.Equals(steps[0].Name, property, StringComparison.Ordinal);

    public PathExpression Then(IEnumerable<PathStep> more) => new(slot, root, [.. steps, .. more]);

    public override SqlValue Evaluate(SqlRow row)
    {
        if (!_isOfDocument)
            return steps.Length == 0 ? row[slot] : Walk(row[slot].Json);
        if (_isId)
            return SqlValue.Of(row.Document.Id);
        if (_isIndexed && row.Document.Kind is { } kind)
            return SqlValue.Of(kind);
        if (IsTopLevel(row.PartitionKeyProperty) && row.Document.Partition.Key is { Kind: PartitionKeyKind.String } key)
            return SqlValue.Of(key.Text!);
        return Walk(row.Root);
    }

    /// <summary>A property or element of a value; undefined if it has none.</summary>
    public static SqlValue Member(in SqlValue value, in SqlValue index) => (value.Type, index.Type) switch
    {
        (SqlType.Object, SqlType.String) when value.Json.TryGetProperty(index.Text, out var property) => SqlValue.Of(property),
        (SqlType.Array, SqlType.Number) when index.Number >= 0 && index.Number < value.Json.GetArrayLength() && index.Number == Math.Floor(index.Number) =>
            SqlValue.Of(value.Json[(int)index.Number]),
        _ => SqlValue.Undefined,
    };

    private SqlValue Walk(JsonElement element)
    {
        foreach (var step in steps)
        {
            if (step.Name is not null)
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(step.Utf8, out element))
                    return SqlValue.Undefined;
            }
            else
            {
                if (element.ValueKind != JsonValueKind.Array || step.Index >= element.GetArrayLength())
                    return SqlValue.Undefined;
                element = element[step.Index];
            }
        }

        return SqlValue.Of(element);
    }
}
