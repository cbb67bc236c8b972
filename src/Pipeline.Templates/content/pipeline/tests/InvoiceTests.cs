using Company.App_1.Contracts.Billing;
using Company.App_1.Services.Billing;
using Pipeline.Decisions;
using Xunit;

namespace Company.App_1.Tests;

/// <summary>A decision is a value, so a plain call tests it.</summary>
public sealed class InvoiceTests
{
    private static readonly Invoice Issued = new("inv-1", "customer-1", 4290, "issued");

    private static readonly HandlerContext Context =
        new() { MessageId = "m-1", CorrelationId = "c-1", Partition = "inv-1", Now = DateTimeOffset.UnixEpoch };

    [Fact]
    public void An_invoice_is_stored_and_published_together()
    {
        var decision = Invoice.Issue(null, "inv-1", "customer-1", 4290);

        Assert.Equal(Issued, decision.State);
        Assert.Equal([new InvoiceIssued("inv-1", "customer-1", 4290)], decision.Messages);
    }

    [Fact]
    public void An_invoice_is_issued_once()
    {
        var decision = Invoice.Issue(Issued, "inv-1", "customer-1", 4290);

        Assert.Equal("invoice-exists", decision.Refusal?.Code);
        Assert.Empty(decision.Messages);
    }

    [Fact]
    public void An_issued_invoice_is_delivered()
    {
        var decision = Invoice.Deliver(Issued, new InvoiceIssued("inv-1", "customer-1", 4290), Context);

        Assert.Equal(Issued with { Status = "delivered" }, decision.State);
    }
}
