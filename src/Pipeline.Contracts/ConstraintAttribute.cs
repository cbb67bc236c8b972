namespace Pipeline.Contracts;

/// <summary>
/// Limits a field beyond its type. Declared once, at the record; the JSON Schema and the check at run time follow from it. On a
/// list it limits the items.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public abstract class ConstraintAttribute : Attribute
{
    private protected ConstraintAttribute()
    {
    }

    /// <summary>Gets the error of a value, to follow its path; <see langword="null"/> if it is valid.</summary>
    internal abstract string? WhatIsWrongWith(object value);

    /// <summary>Gets the equivalent keywords of JSON Schema, each with its value as JSON.</summary>
    internal abstract IEnumerable<(string Keyword, string Json)> Keywords();
}
