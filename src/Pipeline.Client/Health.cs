namespace Pipeline.Client;

/// <summary>Whether the pipeline answers.</summary>
/// <param name="Status"><c>ready</c>.</param>
public sealed record Health(string Status);
