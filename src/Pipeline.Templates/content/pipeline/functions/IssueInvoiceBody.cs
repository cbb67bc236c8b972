namespace Company.App_1.Functions;

/// <summary>The body of a request for an invoice.</summary>
/// <param name="CustomerId">Who has to pay it.</param>
/// <param name="AmountCents">How much, in cents.</param>
public sealed record IssueInvoiceBody(string CustomerId, int AmountCents);
