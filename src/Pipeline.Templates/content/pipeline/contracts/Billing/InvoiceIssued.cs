using Pipeline.Contracts;

namespace Company.App_1.Contracts.Billing;

/// <summary>An invoice was issued.</summary>
/// <param name="InvoiceId">The invoice.</param>
/// <param name="CustomerId">Who has to pay it.</param>
/// <param name="AmountCents">How much, in cents.</param>
[Event("com.prefix.billing.invoice-issued.v1", "billing", "{invoiceId}")]
public sealed record InvoiceIssued(
    [Text(1, 64)] string InvoiceId,
    [Text(1, 64)] string CustomerId,
    [Number(1, 100_000_000)] int AmountCents);
