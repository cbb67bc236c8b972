namespace Pipeline.Contracts.Notifications;

/// <summary>A customer was told about an order.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Kind"><c>confirmation</c>, <c>shipped</c> or <c>cancelled</c>.</param>
/// <param name="CustomerId">Who was told.</param>
[Event("com.contoso.notifications.notification-sent.v1", "notifications", "{orderId}")]
public sealed record NotificationSent([OrderId] string OrderId, [OneOf("confirmation", "shipped", "cancelled")] string Kind, [CustomerId] string CustomerId);
