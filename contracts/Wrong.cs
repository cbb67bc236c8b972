namespace Pipeline.Contracts;

/// <summary>What is wrong where, told from the inside out: every level puts its own step before the path.</summary>
internal readonly record struct Wrong(string Path, string What);
