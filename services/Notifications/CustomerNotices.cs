using Pipeline.Consumers;
using Pipeline.Contracts.Notifications;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Shipping;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Services.Notifications;

/// <summary>
/// The notifications to the customer of one order. The events come from Event Grid in any order: those before OrderPlaced wait
/// until the customer is known.
/// </summary>
public sealed record CustomerNotices
{
    private const string Confirmation = "confirmation";
    private const string Shipped = "shipped";
    private const string Cancelled = "cancelled";

    /// <summary>Gets the customer; <see langword="null"/> until OrderPlaced was received.</summary>
    public string? CustomerId { get; init; }

    /// <summary>What was sent, in sequence.</summary>
    public IReadOnlyList<string> Sent { get; init; } = [];

    /// <summary>What is to be sent once the customer is known, with its subject line.</summary>
    public IReadOnlyDictionary<string, string> Waiting { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<CustomerNotices> Document { get; } = new(NotificationsJson.Default.CustomerNotices);

    /// <summary>Handles public events from Event Grid. The queue of the same name delivers replays.</summary>
    public static Consumer Notify { get; } = Consumer.Of("notify", "notifications", Document)
        .ByEventGrid("notifications")
        .On<PlacedOrder, IEmailGateway>(PlacedOrder.View, PlacedAsync)
        .On<OrderShipped, IEmailGateway>((notices, shipped, _, email, cancellationToken) => TellAsync(
            notices, shipped.OrderId, Shipped, $"Your order {shipped.OrderId} is on its way: {shipped.Carrier} {shipped.TrackingNumber}", email, cancellationToken))
        .On<OrderCancelled, IEmailGateway>((notices, cancelled, _, email, cancellationToken) => TellAsync(
            notices, cancelled.OrderId, Cancelled, $"Your order {cancelled.OrderId} was cancelled: {cancelled.Reason}", email, cancellationToken));

    private static async Task<Decision<CustomerNotices>> PlacedAsync(
        CustomerNotices? notices, PlacedOrder placed, HandlerContext context, IEmailGateway email, CancellationToken cancellationToken)
    {
        var known = (notices ?? new CustomerNotices()) with { CustomerId = placed.CustomerId };
        var due = known.Waiting.Prepend(new(Confirmation, $"Thank you for your order {placed.OrderId}")).ToList();
        var decision = Decision<CustomerNotices>.Save(known with { Sent = [.. known.Sent, .. due.Select(d => d.Key)], Waiting = new Dictionary<string, string>(StringComparer.Ordinal) });
        foreach (var (kind, subject) in due)
            await SendAsync(decision, placed.OrderId, placed.CustomerId, kind, subject, email, cancellationToken);
        return decision;
    }

    private static async Task<Decision<CustomerNotices>> TellAsync(
        CustomerNotices? notices, string orderId, string kind, string subject, IEmailGateway email, CancellationToken cancellationToken)
    {
        if (notices?.CustomerId is not { } customerId)
        {
            var waiting = new Dictionary<string, string>(notices?.Waiting ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal) { [kind] = subject };
            return Decision<CustomerNotices>.Save((notices ?? new CustomerNotices()) with { Waiting = waiting });
        }

        var decision = Decision<CustomerNotices>.Save(notices with { Sent = [.. notices.Sent, kind] });
        await SendAsync(decision, orderId, customerId, kind, subject, email, cancellationToken);
        return decision;
    }

    private static async Task SendAsync(
        Decision<CustomerNotices> decision, string orderId, string customerId, string kind, string subject, IEmailGateway email, CancellationToken cancellationToken)
    {
        await email.SendAsync($"mail-{kind}-{orderId}", orderId, customerId + "@example.com", subject, cancellationToken);
        decision.Publish(new NotificationSent(orderId, kind, customerId));
    }
}
