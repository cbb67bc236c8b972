using System.Text.Json;

namespace Pipeline.Local.EventGrid;

/// <summary>An event that a publisher sent, within the lifetime of its <see cref="IncomingEvents"/>.</summary>
internal readonly record struct IncomingEvent(string Id, string Type, string Subject, JsonElement Element);
