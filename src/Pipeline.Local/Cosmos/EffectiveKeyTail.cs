namespace Pipeline.Local.Cosmos;

/// <summary>The hashes of the second and third component of a hierarchical key; zero for what is not there.</summary>
internal sealed record EffectiveKeyTail(UInt128 Second, UInt128 Third);
