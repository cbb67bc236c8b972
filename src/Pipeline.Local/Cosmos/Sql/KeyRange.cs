namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Strings from <paramref name="Low"/> to <paramref name="High"/> in ordinal order; without a high end when that is null.</summary>
internal readonly record struct KeyRange(string Low, bool LowIncluded, string? High, bool HighIncluded)
{
    public bool IsPoint => LowIncluded && HighIncluded && string.Equals(Low, High, StringComparison.Ordinal);

    public bool IsEmpty => High is not null && string.CompareOrdinal(Low, High) is var order && (order > 0 || (order == 0 && !IsPoint));
}
