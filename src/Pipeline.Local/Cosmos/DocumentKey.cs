namespace Pipeline.Local.Cosmos;

/// <summary>A place in the scan order of a container: by effective partition key, then by id (ordinal).</summary>
internal readonly record struct DocumentKey(EffectiveKey EffectiveKey, string Id)
{
    public static int Compare(DocumentKey left, DocumentKey right)
    {
        var order = left.EffectiveKey.CompareTo(right.EffectiveKey);
        return order != 0 ? order : string.CompareOrdinal(left.Id, right.Id);
    }
}
