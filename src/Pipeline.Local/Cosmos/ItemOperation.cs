namespace Pipeline.Local.Cosmos;

/// <summary>One operation on one item, parsed and checked as far as that goes without looking at the store.</summary>
internal sealed class ItemOperation
{
    public required ItemOperationKind Kind { get; init; }
    public required string Id { get; init; }

    /// <summary>The new document of create, replace and upsert.</summary>
    public ItemContent? Content { get; init; }
    public PatchSpecification? Patch { get; init; }
    public string? IfMatch { get; init; }
    public string? IfNoneMatch { get; init; }

    /// <summary>The client does not want the written document back.</summary>
    public bool MinimalReturn { get; init; }

    public bool IsWrite => Kind != ItemOperationKind.Read;
}
