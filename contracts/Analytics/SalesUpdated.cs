namespace Pipeline.Contracts.Analytics;

/// <summary>
/// The sales of an article on a day have changed. A notification: it says where the figures are, not what they are, and
/// whoever needs them gets the current ones.
/// </summary>
/// <param name="Day">The day in UTC, <c>yyyy-MM-dd</c>.</param>
/// <param name="Sku">The article.</param>
/// <param name="Link">Where the figures are, relative to the address of the pipeline's API.</param>
[Event("com.contoso.analytics.sales-updated.v1", "analytics", "sales-{day:compact}-{sku}", Kind = ContractKind.Notification)]
public sealed record SalesUpdated([Day] string Day, [Sku] string Sku, [Text(1, 200, pattern: "^api/sales/[0-9-]+/[A-Za-z0-9._-]+$")] string Link);
