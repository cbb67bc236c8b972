using System.Text.Json.Nodes;

namespace Pipeline.Client;

/// <summary>A message that would be sent.</summary>
/// <param name="EventId">CloudEvents id that it would have.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Destination">The topic or queue.</param>
/// <param name="Key">The ordering key.</param>
/// <param name="Sequence">CloudEvents sequence, as text; <see langword="null"/> for commands and replies.</param>
/// <param name="Data">The data; <see langword="null"/> if it is so large that it would be stored apart.</param>
/// <param name="DataRef">Where it would be stored apart; else <see langword="null"/>.</param>
public sealed record DryRunMessage(string EventId, string Type, string Destination, string Key, string? Sequence, JsonNode? Data, string? DataRef);
