using Company.App_1.Contracts;
using Company.App_1.Contracts.Billing;
using Company.App_1.Services;
using Company.App_1.Services.Billing;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.Commands;
using Pipeline.Testing;
using Xunit;

namespace Company.App_1.Tests;

/// <summary>The service in a pipeline in memory, which commits, publishes and delivers as the deployed one does.</summary>
public sealed class BillingTests
{
    private static readonly PipelineDefinition Definition = new(ContractCatalog.All, ContractCatalog.Topology, Catalog.Consumers);

    /// <summary>Of each record and consumer the rest was generated; if not, this says what to run.</summary>
    [Fact]
    public async Task Everything_that_the_consumers_need_is_there()
    {
        await using var pipeline = PipelineSimulation.Create(Definition, options => options.Configure = app => app.AddCommandRunner(Invoice.Document, "billing"));

        Assert.Empty(pipeline.WiringErrors());
    }

    [Fact]
    public async Task An_invoice_that_a_request_issues_is_published_and_delivered()
    {
        await using var pipeline = PipelineSimulation.Create(Definition, options => options.Configure = app => app.AddCommandRunner(Invoice.Document, "billing"));

        await pipeline.Services.GetRequiredService<CommandRunner<Invoice>>().RunAsync(
            new HttpCommand { Partition = "inv-1", IdempotencyKey = "first", RequestHash = "1", Type = "IssueInvoice" },
            (invoice, _) => Invoice.Issue(invoice, "inv-1", "customer-1", 4290),
            CancellationToken.None);
        await pipeline.RunUntilQuietAsync();

        Assert.Equal(new InvoiceIssued("inv-1", "customer-1", 4290), Assert.Single(pipeline.Published<InvoiceIssued>()).Data);
        Assert.Equal("delivered", (await pipeline.StateAsync(Invoice.Document, "billing", "inv-1")).Status);
        Assert.Empty(await pipeline.DeadLettersAsync());
    }
}
