namespace Pipeline.Contracts;

/// <summary>An error with its path, built from the inside out: every level prepends its own step.</summary>
internal readonly record struct Wrong(string Path, string What);
