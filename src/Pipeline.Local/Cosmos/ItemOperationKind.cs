namespace Pipeline.Local.Cosmos;

/// <summary>The values are those of the batch protocol.</summary>
internal enum ItemOperationKind
{
    Create = 0,
    Patch = 1,
    Read = 2,
    Delete = 4,
    Replace = 5,
    Upsert = 20,
}
