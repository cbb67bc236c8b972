using System.Text.Json.Nodes;

namespace Pipeline.Client;

/// <summary>One call of a gateway in a dry run.</summary>
/// <param name="Gateway">The gateway's interface.</param>
/// <param name="Method">What was called.</param>
/// <param name="Arguments">With what.</param>
/// <param name="Answer">What the handler got; <see langword="null"/> for nothing.</param>
/// <param name="Source">One of <see cref="AnswerSources"/>.</param>
/// <param name="Note">Why it could not be asked or failed; <see langword="null"/> otherwise.</param>
public sealed record GatewayCall(string Gateway, string Method, JsonNode? Arguments, JsonNode? Answer, string Source, string? Note = null);
