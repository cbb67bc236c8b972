using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Pipeline.Tests.Cli;

/// <summary>
/// The HTTP API of a pipeline over plain dictionaries, on a free port. Orders become final at the second look;
/// tests plant faults by changing an order, its payment or the handled list while it becomes final.
/// </summary>
internal sealed class PipelineStub : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, JsonObject> orders = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> idsByKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> looks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> payments = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> shipments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long OnHand, long Reserved)> stock = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, (int Status, string Body)> answers = new(StringComparer.Ordinal);
    private int requests;

    private PipelineStub(WebApplication app) => this.app = app;

    public Uri Url { get; private set; } = null!;

    public List<JsonObject> Handled { get; } = [];

    public List<JsonObject> OpenDeadLetters { get; } = [];

    public List<JsonObject> ClosedDeadLetters { get; } = [];

    public ConcurrentQueue<string> Requests { get; } = [];

    public int DistinctOrders => orders.Count;

    public int PageSize { get; set; } = 1000;

    /// <summary>Answers every so many-th request 503, every other of them after carrying it out.</summary>
    public int FailEvery { get; set; }

    /// <summary>Sees every request first; returns whether it has answered it.</summary>
    public Func<HttpContext, Task<bool>> First { get; set; } = _ => Task.FromResult(false);

    /// <summary>Paths that redirect elsewhere.</summary>
    public Dictionary<string, string> Redirects { get; } = new(StringComparer.Ordinal);

    /// <summary>The function key that requests must carry; <see langword="null"/>: none.</summary>
    public string? Key { get; set; }

    /// <summary>Answers <c>GET /api/activity</c>, given the continuation.</summary>
    public Func<string?, IResult> Activity { get; set; } = _ => NotFound("function", "activity");

    /// <summary>Whether an order becomes final.</summary>
    public Func<JsonObject, bool> BecomesFinal { get; set; } = _ => true;

    /// <summary>Plants a fault when an order is final: order, payment or null, shipment or null.</summary>
    public Action<JsonObject, JsonObject?, JsonObject?> OnFinal { get; set; } = (_, _, _) => { };

    public static async Task<PipelineStub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var web = builder.Build();
        var stub = new PipelineStub(web);
        web.Use(CompleteAsync);
        web.Use(stub.InterceptAsync);
        web.UseRouting();
        stub.Map(web.MapGroup("/api"));
        await web.StartAsync();
        stub.Url = new Uri(web.Urls.First());
        return stub;
    }

    /// <summary>Answers a path with a fixed document.</summary>
    public void Answer(string method, string path, int status, JsonNode body) => answers[$"{method} {path}"] = (status, body.ToJsonString());

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    /// <summary>Completes answers of the operators' API: see <see cref="WireDocuments"/>.</summary>
    private static async Task CompleteAsync(HttpContext context, RequestDelegate next)
    {
        if (WireDocuments.AnswerTo(context.Request) is not { } type)
        {
            await next(context);
            return;
        }

        var answer = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        await next(context);
        context.Response.Body = answer;
        var body = buffer.ToArray();
        if (body.Length > 0 && context.Response.StatusCode is >= 200 and < 300)
        {
            var document = JsonNode.Parse(body);
            WireDocuments.Complete(document, type);
            body = System.Text.Encoding.UTF8.GetBytes(document!.ToJsonString());
            context.Response.ContentLength = null;
        }

        await answer.WriteAsync(body, context.RequestAborted);
    }

    private async Task InterceptAsync(HttpContext context, RequestDelegate next)
    {
        if (await First(context))
            return;

        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (Key is not null && context.Request.Headers["x-functions-key"] != Key)
        {
            context.Response.StatusCode = 401;
            return;
        }

        if (Redirects.TryGetValue(context.Request.Path, out var elsewhere))
        {
            context.Response.Redirect(elsewhere);
            return;
        }

        if (answers.TryGetValue($"{context.Request.Method} {context.Request.Path}", out var answer))
        {
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.Status >= 400 ? "application/problem+json" : "application/json";
            await context.Response.WriteAsync(answer.Body, context.RequestAborted);
            return;
        }

        if (FailEvery > 0 && context.Request.Path != "/api/health" && Interlocked.Increment(ref requests) is var number && number % FailEvery == 0)
        {
            await FailAsync(context, isCarriedOut: number % (2 * FailEvery) == 0, next);
            return;
        }

        await next(context);
    }

    private static async Task FailAsync(HttpContext context, bool isCarriedOut, RequestDelegate next)
    {
        if (isCarriedOut)
        {
            var body = context.Response.Body;
            context.Response.Body = Stream.Null;
            await next(context);
            context.Response.Body = body;
            context.Response.Clear();
        }

        context.Response.StatusCode = 503;
    }

    private void Map(RouteGroupBuilder api)
    {
        api.MapGet("/health", () => Json(new JsonObject { ["status"] = "ready" }));
        api.MapGet("/status", () => Json(new JsonObject
        {
            ["blockedSubjects"] = OpenDeadLetters.Count,
            ["openDeadLetters"] = OpenDeadLetters.Count,
            ["quarantined"] = 0,
            ["unpublished"] = 0,
            ["oldestUnpublishedSeconds"] = 0,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["container"] = "ordering",
                ["blockedSubjects"] = OpenDeadLetters.Count,
                ["openDeadLetters"] = OpenDeadLetters.Count,
                ["quarantined"] = 0,
                ["unpublished"] = 0,
            }),
        }));
        api.MapGet("/activity", (string? continuation) => Activity(continuation));
        api.MapGet("/stock/{sku}", (string sku) => Stock(sku, onHand: null));
        api.MapPut("/stock/{sku}", async (string sku, HttpRequest request) => Stock(sku, (long)(await BodyAsync(request))["onHand"]!));
        api.MapPost("/orders", PlaceAsync);
        api.MapGet("/orders/{id}", Look);
        api.MapGet("/payments/{id}", (string id) => payments.TryGetValue(id, out var payment) ? Json(payment) : NotFound("payment", id));
        api.MapGet("/shipments/{id}", (string id) => shipments.TryGetValue(id, out var shipment) ? Json(shipment) : NotFound("shipment", id));
        api.MapGet("/dead-letters", (string? status, string? id, string? continuation) => Page(
            id is not null ? [.. OpenDeadLetters.Concat(ClosedDeadLetters).Where(e => (string)e["id"]! == id)] : status == "closed" ? ClosedDeadLetters : OpenDeadLetters,
            continuation));
        api.MapGet("/outbox/quarantined", () => Page([], null));
        api.MapGet("/handled", (string? continuation) => Page(Handled, continuation));
        api.MapGet("/flows/{id}", (string id) => Json(StubDocuments.Flow(id)));
    }

    private async Task<IResult> PlaceAsync(HttpRequest request)
    {
        var order = await BodyAsync(request);
        var key = request.Headers["Idempotency-Key"].ToString();
        var isNew = false;
        var id = idsByKey.GetOrAdd(key, made => { isNew = true; return "order-" + made; });
        order["orderId"] = id;
        order["correlationId"] = "flow-" + id;
        order["status"] = "placed";
        order["total"] = 10;
        order["version"] = 1;
        order["position"] = 1;
        order["history"] = new JsonArray(StubDocuments.Event("OrderPlaced", DateTimeOffset.UtcNow, "http"));
        isNew &= orders.TryAdd(id, order);
        var receipt = new JsonObject { ["orderId"] = id, ["status"] = "placed", ["position"] = 1, ["correlationId"] = "flow-" + id };
        return Results.Text(receipt.ToJsonString(), "application/json", statusCode: isNew ? 201 : 200);
    }

    private IResult Look(string id)
    {
        if (!orders.TryGetValue(id, out var order))
            return NotFound("order", id);

        lock (gate)
        {
            if (looks.AddOrUpdate(id, 1, (_, count) => count + 1) == 2 && BecomesFinal(order))
                Finish(id, order);
            return Json(order);
        }
    }

    /// <summary>Lets an order become final that did not by itself, with a change of the ledger.</summary>
    public void Complete(string id, Action ledger)
    {
        lock (gate)
        {
            ledger();
            Finish(id, orders[id]);
        }
    }

    private void Finish(string id, JsonObject order)
    {
        var reason = order["customerId"]!.GetValue<string>() == "customer-declined" ? "PaymentDeclined"
            : order["customerId"]!.GetValue<string>() == "customer-unreachable" ? "CannotBeDelivered"
            : order["lines"]!.AsArray().Any(line => line!["sku"]!.GetValue<string>() == "demo-run-scarce") ? "StockInsufficient"
            : null;
        order["status"] = reason is null ? "completed" : "cancelled";
        order["reason"] = reason;
        order["history"]!.AsArray().Add(StubDocuments.Event(reason is null ? "OrderCompleted" : "OrderCancelled", DateTimeOffset.UtcNow, "cause-2"));
        JsonObject? payment = null;
        JsonObject? shipment = null;
        if (reason is null or "CannotBeDelivered")
        {
            payment = new JsonObject
            {
                ["orderId"] = id,
                ["status"] = "charged",
                ["amount"] = 10,
                ["charges"] = new JsonArray(new JsonObject { ["key"] = id, ["amount"] = 10, ["time"] = DateTimeOffset.UtcNow }),
                ["refunds"] = new JsonArray(),
            };
            payments[id] = payment;
            if (reason is not null)
                payment["refunds"] = payment["charges"]!.DeepClone();
        }

        if (reason is null)
        {
            shipments[id] = shipment = new JsonObject
            {
                ["orderId"] = id,
                ["status"] = "shipped",
                ["carrier"] = "Parcels",
                ["trackingNumber"] = "SP-" + id,
                ["bookings"] = new JsonArray(new JsonObject { ["key"] = id, ["trackingNumber"] = "SP-" + id, ["time"] = DateTimeOffset.UtcNow }),
                ["recalls"] = new JsonArray(),
            };
            foreach (var line in order["lines"]!.AsArray())
                Reserve(line!["sku"]!.GetValue<string>(), line["quantity"]!.GetValue<long>());
        }

        for (var sequence = 1; sequence <= 2; sequence++)
            Handled.Add(StubDocuments.HandledEntry(id, sequence, commit: sequence));
        OnFinal(order, payment, shipment);
    }

    public void Reserve(string sku, long quantity)
    {
        lock (stock)
        {
            var (onHand, reserved) = stock.GetValueOrDefault(sku);
            stock[sku] = (onHand, reserved + quantity);
        }
    }

    private IResult Stock(string sku, long? onHand)
    {
        lock (stock)
        {
            if (onHand is { } level)
                stock[sku] = (level, stock.GetValueOrDefault(sku).Reserved);
            if (!stock.TryGetValue(sku, out var now))
                return NotFound("stock", sku);

            return Json(new JsonObject
            {
                ["sku"] = sku,
                ["onHand"] = now.OnHand,
                ["reserved"] = now.Reserved,
                ["available"] = now.OnHand - now.Reserved,
            });
        }
    }

    private IResult Page(List<JsonObject> items, string? continuation)
    {
        lock (gate)
        {
            var from = continuation is null ? 0 : int.Parse(continuation, System.Globalization.CultureInfo.InvariantCulture);
            var to = Math.Min(items.Count, from + PageSize);
            return Json(new JsonObject
            {
                ["items"] = new JsonArray([.. items[from..to].Select(item => item.DeepClone())]),
                ["continuation"] = to < items.Count ? to.ToString(System.Globalization.CultureInfo.InvariantCulture) : null,
            });
        }
    }

    private static async Task<JsonObject> BodyAsync(HttpRequest request) =>
        (await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted))!.AsObject();

    public static IResult Json(JsonNode body) => Results.Text(body.ToJsonString(), "application/json");

    private static IResult NotFound(string what, string id) => Results.Text(
        new JsonObject { ["title"] = "Not found", ["detail"] = $"There is no {what} {id}." }.ToJsonString(),
        "application/problem+json",
        statusCode: 404);
}
