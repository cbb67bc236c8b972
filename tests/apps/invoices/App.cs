using System.Text.Json;
using Pipeline.AzureFunctions;
using Pipeline.Contracts;

namespace Pipeline.InvoiceApp;

/// <summary>What the app brings to the pipeline.</summary>
public static class App
{
    private static readonly IReadOnlyList<Contract> Contracts =
    [
        new Contract<OrderPlaced>("com.contoso.orders.order-placed.v1", ContractKind.DomainEvent, "orders", InvoiceJson.Default.OrderPlaced, "{orderId}", e => e.OrderId),
        new Contract<InvoiceIssued>("com.contoso.billing.invoice-issued.v1", ContractKind.DomainEvent, "billing", InvoiceJson.Default.InvoiceIssued, "{orderId}", e => e.OrderId),
    ];

    public static PipelineDefinition Definition { get; } = new(Contracts, ReadTopology(), [Invoice.OnOrders]) { Functions = typeof(App).Assembly };

    public static void Configure(PipelineBuilder pipeline) => pipeline
        .AddCommandRunner(Invoice.Document, "billing")
        .AddGateway<IInvoiceNumbers>(_ => new CountedNumbers(), (_, _, _) => new NoNumbers());

    private static Topology ReadTopology()
    {
        using var stream = typeof(App).Assembly.GetManifestResourceStream("topology.json")!;
        return Topology.Read(JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(stream).RootElement), Contracts, Readers.Unknown);
    }
}
