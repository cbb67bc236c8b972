namespace Pipeline.Cli.RequestDemo;

/// <summary>A request that the application has accepted.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="CorrelationId">The id of all that it causes.</param>
internal sealed record SentRequest(int Number, string CorrelationId);
