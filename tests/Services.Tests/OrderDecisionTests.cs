using Pipeline.Contracts;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Shipping;
using Pipeline.Decisions;
using Pipeline.Services.Ordering;

namespace Pipeline.Tests;

/// <summary>What becomes of an order, in whatever order the facts of the other services arrive. Plain calls.</summary>
public sealed class OrderDecisionTests
{
    private static readonly StockReserved Reserved = new("o-1");
    private static readonly OrderCharge Charged = new("o-1", 21m);
    private static readonly OrderShipped Shipped = new("o-1", "Parcels", "SP1");
    private static readonly ShipmentFailed Failed = new("o-1", "The parcel cannot be delivered.");
    private static readonly OrderLine[] Lines = [new("a", 2, 10.5m), new("b", 3, 0m)];
    private static readonly DateTimeOffset PlacedAt = DateTimeOffset.UnixEpoch.AddMinutes(-7);

    [Fact]
    public void Reserved_paid_and_shipped_in_turn_it_goes_through_every_status()
    {
        var order = Placed();
        Assert.Equal(OrderStatus.Placed, order.Status);
        Assert.Equal(OrderStatus.Reserved, (order = On(order, Reserved).Order).Status);
        Assert.Equal(OrderStatus.Paid, (order = On(order, Charged).Order).Status);
        Assert.Equal(OrderStatus.Completed, On(order, Shipped).Order.Status);
    }

    [Fact]
    public void Shipped_in_any_order_of_the_facts_it_is_completed_once_and_the_fact_carries_the_order()
    {
        foreach (var facts in Permutations(Reserved, Charged, Shipped))
        {
            var (order, published, events) = Run(facts);
            Assert.Equal(OrderStatus.Completed, order.Status);
            var completed = Assert.IsType<OrderCompleted>(published[0]);
            Assert.Equal(("o-1", "c-1", "EUR", 21m), (completed.OrderId, completed.CustomerId, completed.Currency, completed.Total));
            Assert.Equal(Lines, completed.Lines);
            Assert.Equal(Closed("completed", null), published[1]);
            Assert.Equal(2, published.Count);
            Assert.IsType<OrderEvent.Completed>(events[^1]);
            Assert.Equal(events.Count, events.Select(e => e.GetType()).Distinct().Count());
        }
    }

    [Fact]
    public void Not_deliverable_in_any_order_of_the_facts_it_is_cancelled_once_with_the_carriers_reason()
    {
        foreach (var facts in Permutations(Reserved, Charged, Failed))
        {
            var (order, published, _) = Run(facts);
            Assert.Equal((OrderStatus.Cancelled, Failed.Reason), (order.Status, order.Reason));
            Assert.Equal([new OrderCancelled("o-1", Failed.Reason), Closed("cancelled", "shipping")], published);
        }
    }

    [Fact]
    public void Cancelled_by_the_customer_at_any_moment_before_it_is_completed_it_stays_cancelled_whatever_comes_late()
    {
        var cancel = new object();
        foreach (var facts in Permutations(Reserved, Charged, Shipped, cancel))
        {
            // After the parcel left, Ordering has it completed: too late.
            var isInTime = Array.IndexOf(facts, cancel) < Array.IndexOf(facts, Shipped);
            var (order, published, _) = Run(facts);
            Assert.Equal(isInTime ? OrderStatus.Cancelled : OrderStatus.Completed, order.Status);
            Assert.Equal([isInTime ? typeof(OrderCancelled) : typeof(OrderCompleted), typeof(OrderClosed)], published.Select(m => m.GetType()));
            Assert.Equal(isInTime ? Closed("cancelled", "customer") : Closed("completed", null), published[1]);
        }
    }

    [Fact]
    public void Completed_it_cannot_be_cancelled_any_more()
    {
        var (order, _, _) = Run([Charged, Shipped]);
        Assert.Equal("order-already-completed", OrderDecisions.CancelByCustomer(order, "Too late.", Context).Refusal?.Code);
    }

    private static IEnumerable<object[]> Permutations(params object[] items)
    {
        if (items.Length <= 1)
        {
            yield return items;
            yield break;
        }

        for (var i = 0; i < items.Length; i++)
        {
            foreach (var rest in Permutations([.. items[..i], .. items[(i + 1)..]]))
                yield return [items[i], .. rest];
        }
    }

    /// <summary>Reports count by the code; what the reason says to people is nothing to count by.</summary>
    [Fact]
    public void What_it_was_cancelled_for_is_told_by_a_code_that_follows_from_who_said_so()
    {
        foreach (var code in Enum.GetValues<ReasonCode>())
        {
            var decision = OrderDecisions.Cancel(Placed(), "Out of stock: the payment of the customer was declined.", code, Context);
            Assert.Equal(code, Assert.IsType<OrderEvent.Cancelled>(Assert.Single(decision.Events)).Code);
            var closed = Assert.IsType<OrderClosed>(decision.Messages[1]);
            Assert.Equal(Closed("cancelled", code.ToString().ToLowerInvariant()), closed);
            Assert.Null(ContractCatalog.Find("com.contoso.ordering.order-closed.v1")!.WhatIsWrongWith(closed));
        }
    }

    [Fact]
    public void Open_it_is_not_projected()
    {
        Assert.Throws<InvalidOperationException>(() => ClosedOrders.Project(Placed(), Context.Now));
        Assert.Throws<InvalidOperationException>(() => ClosedOrders.Project(On(Placed(), Charged).Order, Context.Now));
    }

    private static OrderClosed Closed(string outcome, string? code) => new("o-1", outcome, "EUR", 21m, 2, 5, PlacedAt, Context.Now, code);

    private static Order Placed() => Order.Apply(null, new OrderEvent.Placed("o-1", "c-1", "EUR", 21m, Lines), PlacedAt);

    private static (Order Order, List<object> Published, List<object> Events) Run(IEnumerable<object> facts)
    {
        var (order, published, events) = (Placed(), new List<object>(), new List<object>());
        foreach (var fact in facts)
        {
            (order, var decision) = On(order, fact);
            published.AddRange(decision.Messages);
            events.AddRange(decision.Events);
        }

        return (order, published, events);
    }

    private static (Order Order, Decision<Order> Decision) On(Order order, object fact)
    {
        var decision = fact switch
        {
            StockReserved f => OrderDecisions.Reserve(order, f, Context),
            OrderCharge f => OrderDecisions.Pay(order, f, Context),
            OrderShipped f => OrderDecisions.Complete(order, f, Context),
            ShipmentFailed f => OrderDecisions.Cancel(order, f.Reason, ReasonCode.Shipping, Context),
            _ => OrderDecisions.CancelByCustomer(order, "Changed my mind.", Context),
        };
        return (decision.Events.Aggregate(order, (o, e) => Order.Apply(o, (OrderEvent)e, Context.Now)), decision);
    }

    internal static HandlerContext Context { get; } = new()
    {
        MessageId = "m-1",
        CorrelationId = "flow-1",
        Partition = "o-1",
        Now = DateTimeOffset.UnixEpoch,
        Source = "test",
    };
}
