namespace Pipeline.Cli.Http;

/// <summary>Problem details, RFC 9457, with the <c>errors</c> member that names the places of bad input.</summary>
internal sealed record Problem(string? Title, string? Detail, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors);
