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

/// <summary>What became of one <see cref="ItemOperation"/>.</summary>
internal readonly record struct ItemResult(int Status, string? Message = null, int SubStatus = 0)
{
    public string? Etag { get; init; }

    /// <summary>The document, or empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
    public double RequestCharge { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The status of the operations of a batch that did not fail themselves.</summary>
    public static ItemResult FailedDependency => new(424);

    /// <summary>The status of the operations of a batch for whose documents the answer has no room.</summary>
    public static ItemResult ResponseTooLarge =>
        new(413, $"The answer to the batch is too large: its documents have more than {Batches.MaxResponseBytes / (1024 * 1024)} MB.", Cosmos.SubStatus.BatchResponseTooLarge);
}
