using System.Text.Json.Nodes;

namespace Pipeline.Tests.Cli;

/// <summary>Answers as a busy pipeline gives them: long ids, long causes, many consumers.</summary>
internal static class TableDocuments
{
    public const string Fingerprint = "0123456789ab";
    public const string Order = "o-5f0f3ad1b6f34e6d9cb1d0aa";
    public const string Id = "dl:payments~1shipping:payments:o-5f0f3ad1b6f34e6d9cb1d0aa:1";
    public const string ReplayId = "r20261129-1f0a9c";

    private static readonly DateTimeOffset Then = new(2026, 1, 31, 12, 0, 0, 123, TimeSpan.Zero);
    private static readonly string Cause = "HandlerFailed: " + string.Join(' ', Enumerable.Repeat("The carrier refuses this article for a while.", 4));

    /// <summary>Answers everything that the commands of <see cref="Commands"/> ask.</summary>
    public static void PlayOn(PipelineStub stub, Func<JsonNode, JsonNode> change)
    {
        void Get(string path, JsonNode body) => stub.Answer("GET", path, 200, change(body));
        Get("/api/status", Status());
        Get("/api/blocked", Page(Blocked()));
        Get("/api/dead-letters", Page(DeadLetter()));
        Get($"/api/dead-letters/payments/{Order}/{Id}", DeadLetter());
        stub.Answer("POST", $"/api/dead-letters/payments/{Order}/{Id}/dry-run", 200, change(DryRun()));
        Get("/api/dead-letters/groups", Groups());
        Get("/api/outbox/quarantined", Page(Quarantined()));
        Get("/api/replays", Page(Replay()));
        Get($"/api/replays/{ReplayId}", Replay());
        Get($"/api/replays/{ReplayId}/subjects", Page(ReplaySubject()));
        stub.Answer("POST", "/api/replays", 201, change(Replay()));
        Get($"/api/flows/{Order}", Flow());
        Get($"/api/orders/{Order}", OrderDocument());
        Get($"/api/payments/{Order}", new JsonObject { ["orderId"] = Order, ["status"] = "charged", ["charges"] = new JsonArray(), ["refunds"] = new JsonArray() });
        Get($"/api/shipments/{Order}", new JsonObject { ["orderId"] = Order, ["status"] = "shipped", ["carrier"] = "Parcels", ["trackingNumber"] = "SP-0123456789" });
        Get("/admin/servicebus", Entities());
        Get("/admin/servicebus/messages", Messages());
        Get("/admin/servicebus/sessions", new JsonArray(new JsonObject { ["id"] = Order, ["messages"] = 12345, ["locked"] = 1, ["lockedUntil"] = Then, ["stateBytes"] = 0 }));
    }

    /// <summary>Every command that shows a table or a list, with words that must be shown whole.</summary>
    public static TheoryData<string, string> Commands() => new()
    {
        { "status", "shipping|1234567|payments/shipping" },
        { "blocked", $"{Order}|payments/shipping|TransientFailure|4711" },
        { "dead-letters list", $"{Id}|payments/shipping" },
        { "dead-letters groups", $"{Fingerprint}|12,345|payments/shipping,|2026-01-31 12:00:00.123Z" },
        { $"dead-letters show {Id}", $"{Id}|{Order}" },
        { $"dead-letters dry-run {Id}", $"{Id}" },
        { "quarantine list", $"{Order}|4711|2026-01-31 12:00:00.123Z" },
        { "replay list", $"{ReplayId}|completed|10000|2026-01-31 12:00:00.123Z|operator-on-duty" },
        { $"replay status {ReplayId}", $"{ReplayId}|{Order}|payments/shipping" },
        { $"replay plan --subject {Order}", $"{ReplayId}|{Order}" },
        { $"flow {Order}", "+0 ms|order-placed no. 12345|sales-20261121-stock-keeping-1|4 + 3 duplicates" },
        { $"orders show {Order}", $"{Order}|SP-0123456789|2026-01-31 12:00:00.123Z|o-cause-of-the-event-0123456789" },
        { "local entities", "ordering/payments/$DeadLetterQueue|1234567|forwarded/to/there" },
        { "local peek q", $"{Order}|4711|e-0123456789abcdef0123456789abcdef" },
        { "local sessions q", $"{Order}|12345" },
        { "contracts list", "com.contoso.ordering.order-placed.v1|public|ordering/inventory" },
        { "contracts show order-placed", "$.lines[].unitPrice|required" },
        { "contracts who-reads sku", "com.contoso.ordering.order-placed.v1|$.lines[].sku" },
    };

    public static JsonObject Activity() => new()
    {
        ["from"] = Then,
        ["to"] = Then.AddSeconds(2),
        ["more"] = false,
        ["continuation"] = "c",
        ["consumers"] = new JsonArray(new JsonObject
        {
            ["container"] = "notifications",
            ["consumer"] = "reservations-of-articles/inventory",
            ["handled"] = 2_000_000,
            ["p50Ms"] = 119_900,
            ["p99Ms"] = 7_100_000,
            ["maxMs"] = 9,
        }),
    };

    public static JsonObject Status() => new()
    {
        ["blockedSubjects"] = 1_234_567,
        ["openDeadLetters"] = 1_234_567,
        ["waitingForRetry"] = 12,
        ["quarantined"] = 3,
        ["unpublished"] = 1_234_567,
        ["oldestUnpublishedSeconds"] = 4711,
        ["containers"] = new JsonArray(new JsonObject
        {
            ["container"] = "shipping",
            ["blockedSubjects"] = 1_234_567,
            ["openDeadLetters"] = 1_234_567,
            ["waitingForRetry"] = 12,
            ["quarantined"] = 3,
            ["unpublished"] = 1_234_567,
            ["oldestUnpublishedSeconds"] = 4711,
            ["consumers"] = new JsonArray(new JsonObject
            {
                ["consumer"] = "payments/shipping",
                ["blockedSubjects"] = 1_234_567,
                ["oldestBlockedSince"] = Then,
                ["openDeadLetters"] = 1_234_567,
                ["waitingForRetry"] = 12,
            }),
        }),
    };

    private static JsonObject Page(params JsonNode[] items) => new() { ["items"] = new JsonArray(items), ["continuation"] = null };

    private static JsonObject Blocked() => new()
    {
        ["container"] = "shipping",
        ["partition"] = Order,
        ["consumer"] = "payments/shipping",
        ["entry"] = Id,
        ["status"] = "waitingForRetry",
        ["reason"] = "TransientFailure",
        ["since"] = Then,
        ["retryAt"] = Then,
        ["waiting"] = 4711,
    };

    private static JsonObject DeadLetter()
    {
        var entry = StubDocuments.DeadLetter(Id, Order, Then);
        (entry["container"], entry["consumer"], entry["description"], entry["summary"]) = ("payments", "payments/shipping", Cause, Cause);
        entry["body"] = "what it said";
        return entry;
    }

    private static JsonObject DryRun() => new()
    {
        ["container"] = "payments",
        ["partition"] = Order,
        ["consumer"] = "payments/shipping",
        ["handled"] = 0,
        ["notReached"] = 3,
        ["limitReached"] = false,
        ["movedOn"] = true,
        ["steps"] = new JsonArray(new JsonObject
        {
            ["entry"] = Id,
            ["type"] = "com.contoso.payments.payment-charged.v1",
            ["sequence"] = 1,
            ["outcome"] = "failed",
            ["reason"] = "HandlerFailed",
            ["description"] = Cause,
            ["messages"] = new JsonArray(new JsonObject { ["type"] = "a.b.v1", ["destination"] = "stock", ["key"] = "k", ["data"] = new JsonObject { ["a"] = "b" } }),
            ["calls"] = new JsonArray(new JsonObject { ["gateway"] = "carrier", ["method"] = "Book", ["arguments"] = new JsonArray("x"), ["source"] = "assumed", ["answer"] = "ok", ["note"] = "note" }),
            ["state"] = new JsonArray(new JsonObject
            {
                ["partition"] = Order,
                ["changes"] = new JsonArray(new JsonObject { ["path"] = "/status", ["kind"] = "changed", ["old"] = "open", ["new"] = "charged" }),
                ["more"] = 1,
            }),
            ["events"] = new JsonArray(new JsonObject { ["type"] = "Shipped" }),
        }),
    };

    private static JsonObject Groups() => new()
    {
        ["items"] = new JsonArray(new JsonObject
        {
            ["fingerprint"] = Fingerprint,
            ["summary"] = Cause,
            ["count"] = 12345,
            ["firstSeen"] = Then,
            ["lastSeen"] = Then,
            ["consumers"] = new JsonArray("payments/shipping", "inventory/payments", "ordering/analytics", "notifications"),
        }),
        ["total"] = 12345,
        ["ungrouped"] = 2,
        ["asOf"] = Then,
    };

    private static JsonObject Quarantined() => new()
    {
        ["container"] = "ordering",
        ["partition"] = Order,
        ["number"] = 4711,
        ["reason"] = Cause,
        ["types"] = new JsonArray("com.contoso.ordering.order-placed.v1", "com.contoso.ordering.order-closed.v1"),
        ["since"] = Then,
        ["followers"] = 12,
        ["discarded"] = new JsonObject { ["at"] = Then, ["by"] = "operator-on-duty", ["reason"] = Cause },
    };

    private static JsonObject Replay() => new()
    {
        ["replayId"] = ReplayId,
        ["status"] = "completed",
        ["by"] = "operator-on-duty",
        ["why"] = Cause,
        ["rate"] = 50,
        ["subjects"] = 10000,
        ["entries"] = 10000,
        ["running"] = 0,
        ["completed"] = 10000,
        ["failed"] = 0,
        ["skipped"] = 0,
        ["sent"] = 10000,
        ["alreadyHandled"] = 1,
        ["createdAt"] = Then,
        ["groups"] = new JsonArray(new JsonObject { ["fingerprint"] = Fingerprint, ["summary"] = Cause, ["subjects"] = 10000, ["entries"] = 10000 }),
    };

    private static JsonObject ReplaySubject() => new()
    {
        ["number"] = 1,
        ["container"] = "payments",
        ["partition"] = Order,
        ["consumer"] = "payments/shipping",
        ["entry"] = Id,
        ["type"] = "com.contoso.payments.payment-charged.v1",
        ["reason"] = "HandlerFailed",
        ["waiting"] = 10000,
        ["status"] = "stopped",
        ["detail"] = Cause,
        ["sent"] = 3,
    };

    private static JsonObject Flow()
    {
        var flow = StubDocuments.OpenFlow(Order);
        var steps = flow["steps"]!.AsArray();
        (steps[1]!["sequence"], steps[1]!["deliveryCount"], steps[1]!["partition"]) = (12345, 4, "sales-20261121-stock-keeping-1");
        (steps[^1]!["reason"], steps[^1]!["editedBy"]) = (Cause, "operator-on-duty");
        return flow;
    }

    private static JsonObject OrderDocument() => new()
    {
        ["orderId"] = Order,
        ["customerId"] = "customer-0123456789",
        ["status"] = "cancelled",
        ["reason"] = Cause,
        ["total"] = 1234567.5,
        ["currency"] = "EUR",
        ["lines"] = new JsonArray(new JsonObject { ["sku"] = "sku-demo-8b35-15", ["quantity"] = 10000, ["unitPrice"] = 1000000 }),
        ["version"] = 3,
        ["position"] = 3,
        ["correlationId"] = Order,
        ["history"] = new JsonArray(new JsonObject { ["version"] = 12345, ["type"] = "OrderCancelledByCustomer", ["time"] = Then, ["causationId"] = "o-cause-of-the-event-0123456789" }),
    };

    private static JsonArray Entities() => new(new JsonObject
    {
        ["name"] = "ordering/payments/$DeadLetterQueue",
        ["kind"] = "DeadLetterQueue",
        ["active"] = 1234567,
        ["locked"] = 1234567,
        ["deadLetter"] = 0,
        ["scheduled"] = 1234567,
        ["deferred"] = 0,
        ["sessions"] = 1234567,
        ["forwardTo"] = "forwarded/to/there",
    });

    private static JsonArray Messages() => new(new JsonObject
    {
        ["sequenceNumber"] = 4711,
        ["state"] = "Active",
        ["messageId"] = "e-0123456789abcdef0123456789abcdef",
        ["sessionId"] = Order,
        ["enqueuedTime"] = Then,
        ["deliveryCount"] = 10,
        ["deadLetterReason"] = Cause,
        ["body"] = "{\"specversion\":\"1.0\",\"type\":\"com.contoso.ordering.order-placed.v1\",\"source\":\"/ordering\"}",
    });
}
