namespace Pipeline.Contracts;

/// <summary>
/// What a field may hold beyond its type. Declared once, at the record: the JSON Schema is made of it, and so is the check
/// at run time. At a list it is about the items.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public abstract class ConstraintAttribute : Attribute
{
    private protected ConstraintAttribute()
    {
    }

    /// <summary>What is wrong with a value, to go on after its path; <see langword="null"/> if nothing is.</summary>
    internal abstract string? WhatIsWrongWith(object value);

    /// <summary>The keywords of JSON Schema that say the same, each with its value as JSON.</summary>
    internal abstract IEnumerable<(string Keyword, string Json)> Keywords();
}
