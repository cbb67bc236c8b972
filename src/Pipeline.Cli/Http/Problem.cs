namespace Pipeline.Cli.Http;

/// <summary>Problem details, RFC 9457, with the member <c>errors</c> for the places of invalid input.</summary>
internal sealed record Problem(string? Title, string? Detail, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors);
