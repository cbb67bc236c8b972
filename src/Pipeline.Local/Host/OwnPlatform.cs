namespace Pipeline.Local.Hosting;

/// <summary>Whether the host has a platform of its own, rather than one that it was attached to.</summary>
internal sealed record OwnPlatform(bool IsOwn);
