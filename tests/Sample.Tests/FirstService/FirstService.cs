// The code of docs/guide/your-first-service.md. A test compares the two, so that it compiles and works.
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Tests.FirstService;

// GUIDE: event
/// <summary>A customer's order earned points.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Points">How many.</param>
[Event("com.contoso.loyalty.points-earned.v1", "loyalty", "{orderId}")]
public sealed record PointsEarned([OrderId] string OrderId, [Number(0, 1_000_000)] int Points);

// GUIDE: service
/// <summary>The points that an order earned: one for each unit of its currency.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Points">How many.</param>
public sealed record LoyaltyPoints(string OrderId, int Points)
{
    private const decimal MaxPoints = 1_000_000;

    /// <summary>Gets how it is stored: a document per order.</summary>
    public static DocumentState<LoyaltyPoints> Document { get; } = new();

    /// <summary>Gets what Loyalty does with the events of Ordering.</summary>
    public static Consumer OnOrdering { get; } = Consumer.Of("ordering/loyalty", "loyalty", Document)
        .On<OrderPlacedV2>(Earn);

    /// <summary>Gives an order its points.</summary>
    public static Decision<LoyaltyPoints> Earn(LoyaltyPoints? points, OrderPlacedV2 order, HandlerContext context)
    {
        var earned = (int)Math.Min(order.Total.Value, MaxPoints);
        return Decision<LoyaltyPoints>
            .Save(new LoyaltyPoints(order.OrderId, earned))
            .Publish(new PointsEarned(order.OrderId, earned));
    }
}

// GUIDE: query
/// <summary>Loyalty over HTTP.</summary>
public sealed class LoyaltyApi(CommandRunner<LoyaltyPoints> loyalty)
{
    /// <summary><c>GET /api/loyalty/{orderId}</c>: the points that an order earned, or 404.</summary>
    [Function("get-loyalty-points")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "loyalty/{orderId}")] HttpRequest request,
        string orderId,
        CancellationToken cancellationToken)
    {
        var (points, _) = await loyalty.ReadAsync(orderId, cancellationToken);
        return points is null ? Results.NotFound() : Results.Json(points);
    }
}

// GUIDE: test
public sealed class LoyaltyPointsTests
{
    [Fact]
    public void An_order_earns_a_point_for_each_unit_of_its_currency()
    {
        var order = new OrderPlacedV2("o-1", "c-1", new Amount(42.90m, "EUR"), [new OrderLineV2("book", 1, new Amount(42.90m, "EUR"))]);
        var context = new HandlerContext { MessageId = "m-1", CorrelationId = "o-1", Partition = "o-1", Now = DateTimeOffset.UnixEpoch };

        var decision = LoyaltyPoints.Earn(null, order, context);

        Assert.Equal(new LoyaltyPoints("o-1", 42), decision.State);
        Assert.Equal([new PointsEarned("o-1", 42)], decision.Messages);
    }
}

// GUIDE: end
