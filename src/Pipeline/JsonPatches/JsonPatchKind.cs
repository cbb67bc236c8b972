namespace Pipeline.JsonPatches;

/// <summary>The operations of RFC 6902, section 4.</summary>
internal enum JsonPatchKind
{
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}
