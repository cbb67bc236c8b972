namespace Pipeline.Payloads;

/// <summary>A payload as listed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ETag">Changes with every write.</param>
/// <param name="LastModified">When it was written last, by the store's clock.</param>
/// <param name="Origin">Whose it is; <see langword="null"/> if it does not say, or not in a way that can be read.</param>
public sealed record StoredPayload(string Name, string ETag, DateTimeOffset LastModified, PayloadOrigin? Origin);
