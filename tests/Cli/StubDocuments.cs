using System.Text.Json.Nodes;

namespace Pipeline.Tests.Cli;

/// <summary>Documents as a pipeline's HTTP API shows them.</summary>
internal static class StubDocuments
{
    public static JsonObject HandledEntry(string subject, long? sequence, long commit) => new()
    {
        ["container"] = "inventory",
        ["partition"] = subject,
        ["consumer"] = "ordering/inventory",
        ["source"] = "/ordering",
        ["subject"] = subject,
        ["sequence"] = sequence,
        ["eventId"] = $"{subject}-{sequence}",
        ["type"] = "com.contoso.ordering.order-placed.v1",
        ["commit"] = commit,
        ["handledAt"] = DateTimeOffset.UtcNow,
    };

    public static JsonObject DeadLetter(string id, string subject, DateTimeOffset createdAt) => new()
    {
        ["id"] = id,
        ["container"] = "ordering",
        ["partition"] = subject,
        ["consumer"] = "inventory/ordering",
        ["subject"] = subject,
        ["type"] = "com.contoso.inventory.stock-reserved.v1",
        ["eventId"] = "e1",
        ["sequence"] = 1,
        ["reason"] = "HandlerFailed",
        ["description"] = "boom",
        ["status"] = "open",
        ["inOrder"] = true,
        ["correlationId"] = "flow-" + subject,
        ["attempt"] = 0,
        ["createdAt"] = createdAt,
        ["deliveryCount"] = 5,
    };

    public static JsonObject Flow(string id)
    {
        var start = DateTimeOffset.UnixEpoch;
        JsonObject Step(string eventId, string type, string kind, string? cause, int at, string? consumer) => new()
        {
            ["eventId"] = eventId,
            ["type"] = type,
            ["kind"] = kind,
            ["source"] = "/ordering",
            ["subject"] = "order-1",
            ["sequence"] = kind == "fact" ? 1 : null,
            ["causationId"] = cause,
            ["committedAt"] = start.AddMilliseconds(at),
            ["consumer"] = consumer,
            ["container"] = "inventory",
            ["partition"] = "order-1",
            ["handledAt"] = start.AddMilliseconds(at + 7),
            ["deliveryCount"] = 1,
            ["caused"] = new JsonArray(),
        };
        return new JsonObject
        {
            ["correlationId"] = id,
            ["steps"] = new JsonArray(
                Step("c1", "PlaceOrder", "http", null, 0, null),
                Step("e1", "com.contoso.ordering.order-placed.v1", "fact", "c1", 0, "ordering/inventory"),
                Step("e1", "com.contoso.ordering.order-placed.v1", "fact", "c1", 0, "ordering/payments"),
                Step("e2", "com.contoso.inventory.stock-reserved.v1", "fact", "e1", 20, "inventory/ordering")),
        };
    }

    public static JsonObject Event(string type, DateTimeOffset time, string cause) =>
        new() { ["version"] = 1, ["type"] = type, ["time"] = time, ["causationId"] = cause };
}
