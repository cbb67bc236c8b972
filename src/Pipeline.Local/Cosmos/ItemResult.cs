namespace Pipeline.Local.Cosmos;

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
