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
        ["eventId"] = Invariant($"{subject}-{sequence}"),
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
            ["state"] = "handled",
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

    /// <summary>A flow of a newer pipeline, with two commands side by side and one step that is not done.</summary>
    public static JsonObject OpenFlow(string id)
    {
        var start = DateTimeOffset.UnixEpoch;
        JsonObject Step(string eventId, string type, string kind, string? cause, int at, string consumer, string partition = "order-1") => new()
        {
            ["eventId"] = eventId,
            ["type"] = kind == "http" ? type : $"com.contoso.sample.{type}.v1",
            ["kind"] = kind,
            ["subject"] = "order-1",
            ["sequence"] = kind == "fact" ? 4 : null,
            ["causationId"] = cause,
            ["committedAt"] = start.AddMilliseconds(at),
            ["consumer"] = consumer,
            ["container"] = "inventory",
            ["partition"] = partition,
            ["publishedAt"] = start.AddMilliseconds(at + 3),
            ["handledAt"] = start.AddMilliseconds(at + 7),
            ["deliveryCount"] = 1,
            ["duplicates"] = 0,
            ["state"] = "handled",
            ["reason"] = null,
            ["replay"] = null,
        };
        var placed = Step("e1", "order-placed", "fact", "c1", 0, "ordering/inventory");
        placed["deliveryCount"] = 2;
        placed["duplicates"] = 3;
        var held = Step("r2", "stock-held", "reply", "k2", 35, "reservations");
        held["replay"] = "r20260701-1";
        var open = Step("e4", "payment-charged", "fact", "r2", 50, "payments/shipping");
        open["handledAt"] = null;
        open["state"] = "dead-lettered";
        open["reason"] = "The carrier refused.";
        return new JsonObject
        {
            ["correlationId"] = id,
            ["steps"] = new JsonArray(
                Step("c1", "PlaceOrder", "http", null, 0, "http"),
                placed,
                Step("k1", "reserve-stock", "command", "e1", 10, "stock", "sku-demo-8b35-10"),
                Step("k2", "reserve-stock", "command", "e1", 11, "stock", "sku-demo-8b35-15"),
                Step("r1", "stock-held", "reply", "k1", 30, "reservations"),
                held,
                open),
        };
    }

    public static JsonObject Event(string type, DateTimeOffset time, string cause) =>
        new() { ["version"] = 1, ["type"] = type, ["time"] = time, ["causationId"] = cause };
}
