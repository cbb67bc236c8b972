using Company.App_1.Contracts.Billing;
using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Company.App_1.Services.Billing;

/// <summary>An invoice.</summary>
/// <param name="InvoiceId">Its id.</param>
/// <param name="CustomerId">Who has to pay it.</param>
/// <param name="AmountCents">How much, in cents.</param>
/// <param name="Status"><c>issued</c>, then <c>delivered</c>.</param>
public sealed record Invoice(string InvoiceId, string CustomerId, int AmountCents, string Status)
{
    private const string Issued = "issued";
    private const string Delivered = "delivered";

    /// <summary>Gets how it is stored: a document for each invoice.</summary>
    public static DocumentState<Invoice> Document { get; } = new();

    /// <summary>Gets the consumer: what happens with an invoice after it was issued.</summary>
    public static Consumer OnBilling { get; } = Consumer.Of("billing/delivery", "billing", Document)
        .On<InvoiceIssued>(Deliver);

    /// <summary>Decides what a request for a new invoice does: it stores the invoice and publishes the event, both in one commit.</summary>
    public static Decision<Invoice> Issue(Invoice? invoice, string invoiceId, string customerId, int amountCents) =>
        invoice is not null
            ? Decision<Invoice>.Refuse("invoice-exists", $"The invoice '{invoiceId}' was issued before.")
            : Decision<Invoice>
                .Save(new Invoice(invoiceId, customerId, amountCents, Issued))
                .Publish(new InvoiceIssued(invoiceId, customerId, amountCents));

    /// <summary>
    /// Decides what follows from an invoice that was issued. A handler that sends it to the customer calls a gateway, which is an
    /// interface of this project that the functions app implements: <c>.On&lt;InvoiceIssued, IPost&gt;(Deliver)</c>.
    /// </summary>
    public static Decision<Invoice> Deliver(Invoice? invoice, InvoiceIssued issued, HandlerContext context) =>
        invoice is { Status: Issued }
            ? Decision<Invoice>.Save(invoice with { Status = Delivered })
            : Decision<Invoice>.Nothing();
}
