using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>
/// A consumer's own record with only the fields that it uses, checked against the contract. The limits of the fields are declared
/// only at the contract; fields that the record does not have are ignored.
/// </summary>
public sealed class ContractView
{
    private readonly RecordCheck _check;

    private ContractView(IReadOnlyList<string> paths, RecordCheck check) => (Paths, _check) = (paths, check);

    /// <summary>Gets the paths of the fields with values that it reads, such as <c>$.lines[].sku</c>; empty if it reads no data.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>As <see cref="Contract.WhatIsWrongWith"/>, of the fields that the record has.</summary>
    public string? WhatIsWrongWith(object data) => ViolationIn(data)?.ToString();

    /// <summary>As <see cref="Contract.ViolationIn"/>, of the fields that the record has.</summary>
    public ContractViolation? ViolationIn(object data) => _check.ViolationIn(data);

    internal static ContractView Of(Contract contract, JsonTypeInfo view)
    {
        if (view.Kind != JsonTypeInfoKind.Object)
            throw new InvalidOperationException($"'{view.Type}' is not a record, so '{contract.Type}' cannot be read as one.");
        var paths = new List<string>();
        return new ContractView(paths, CheckOf(contract.Type, contract.Json, view, "$", paths, depth: 1));
    }

    private static RecordCheck CheckOf(string type, JsonTypeInfo contract, JsonTypeInfo view, string path, List<string> paths, int depth)
    {
        RecordCheck.RefuseDeeperThanAllowed(view, depth);
        var checks = new List<FieldCheck>();
        foreach (var field in view.Properties)
        {
            var at = $"{path}.{field.Name}";
            var declared = contract.Properties.FirstOrDefault(p => p.Name == field.Name)
                ?? throw new InvalidOperationException(
                    $"'{view.Type}' reads '{at}', which '{type}' does not have; there are {string.Join(", ", contract.Properties.Select(p => p.Name))}.");
            var rule = new FieldRule(declared);
            var record = RecordOf(type, field, declared, rule, view, at);
            if (rule.IsList)
                at += "[]";
            if (record is null)
                paths.Add(at);
            checks.Add(new FieldCheck(field, rule, record is null ? null : CheckOf(type, rule.Record!, record, at, paths, depth + 1)));
        }

        return new RecordCheck([.. checks]);
    }

    /// <summary>Gets the record for a field, or for the items of a list; <see langword="null"/> for a value. Refuses a type that does not match.</summary>
    private static JsonTypeInfo? RecordOf(string type, JsonPropertyInfo field, JsonPropertyInfo declared, FieldRule rule, JsonTypeInfo view, string at)
    {
        var read = Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType;
        var isList = FieldRule.IsListType(read, out var item);
        var fits = isList == rule.IsList && (rule.Record is null ? (item ?? read) == rule.ItemType : view.Options.GetTypeInfo(item ?? read).Kind == JsonTypeInfoKind.Object);
        if (!fits)
            throw new InvalidOperationException($"'{view.Type}' reads '{at}' as '{field.PropertyType}', but it is a '{declared.PropertyType}' in '{type}'.");
        if (IsOptional(declared) && !IsOptional(field))
            throw new InvalidOperationException($"'{view.Type}' requires '{at}', which may be missing in '{type}': give it a default.");
        if (declared.IsGetNullable && !field.IsSetNullable)
            throw new InvalidOperationException($"'{view.Type}' reads '{at}' as never null, but in '{type}' it may be: make it nullable.");
        return rule.Record is null ? null : view.Options.GetTypeInfo(item ?? read);
    }

    private static bool IsOptional(JsonPropertyInfo field) => !field.IsRequired && field.AssociatedParameter is not { HasDefaultValue: false };
}
