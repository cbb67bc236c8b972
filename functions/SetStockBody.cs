using System.Text.Json.Serialization;

namespace Pipeline.Functions;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SetStockBody(int? OnHand);
