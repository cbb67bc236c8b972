using System.CommandLine;
using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline orders show ID</c>.</summary>
internal static class OrdersCommand
{
    public static Command Create(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The order id." };
        var json = CommonOptions.Json();
        var show = new Command("show", "Show one order with its history.") { id, json };
        show.SetAction((parsed, cancellationToken) =>
            ShowAsync(context, parsed, parsed.GetRequiredValue(id), parsed.GetValue(json), cancellationToken));
        return new Command("orders", "Show orders.") { show };
    }

    private static async Task<int> ShowAsync(
        CommandContext context, ParseResult parsed, string id, bool json, CancellationToken cancellationToken)
    {
        using var client = context.Connect(parsed);
        var document = await client.GetJsonAsync(PipelineClient.Path("orders", id), cancellationToken);
        if (json)
        {
            context.Terminal.Json(document);
            return ExitCode.Ok;
        }

        var order = document.As(SampleJson.Default.Order);
        var payment = await client.FindAsync(PipelineClient.Path("payments", id), SampleJson.Default.Payment, cancellationToken);
        var shipment = await client.FindAsync(PipelineClient.Path("shipments", id), SampleJson.Default.Shipment, cancellationToken);
        var terminal = context.Terminal;
        terminal.Pairs(
        [
            ("order", order.OrderId),
            ("customer", order.CustomerId ?? ""),
            ("status", order.Reason is null ? order.Status : $"{order.Status} ({order.Reason})"),
            ("total", Wording.Money(order.Total, order.Currency)),
            ("payment", Payment(payment, order.Currency)),
            ("shipment", Shipment(shipment)),
            ("correlation", order.CorrelationId ?? ""),
        ]);
        Lines(terminal, order);
        History(terminal, order);
        if (order.CorrelationId is { } correlationId)
            terminal.Line($"Everything that it caused: {Wording.Tool} flow {correlationId}");

        return ExitCode.Ok;
    }

    private static void Lines(Terminal terminal, Order order)
    {
        var table = terminal.Table("SKU", "quantity", "unit price");
        foreach (var line in order.Lines ?? [])
            table.AddCells(line.Sku, line.Quantity, Wording.Money(line.UnitPrice, order.Currency));

        terminal.Gap();
        terminal.Console.Write(table);
    }

    private static void History(Terminal terminal, Order order)
    {
        var table = terminal.Table("version", "event", "time", "after", Column.Below("caused by"));
        DateTimeOffset? first = null;
        foreach (var entry in order.History ?? [])
        {
            first ??= entry.Time;
            table.AddCells(entry.Version, entry.Type, Wording.Time(entry.Time), Wording.Duration(entry.Time - first.Value), entry.CausationId);
        }

        terminal.Gap();
        terminal.Console.Write(table);
        terminal.Gap();
    }

    private static string Shipment(Shipment? shipment) => shipment switch
    {
        null => "none",
        { TrackingNumber: null } => shipment.Status ?? "",
        _ => $"{shipment.Status}, {shipment.TrackingNumber} with {shipment.Carrier}",
    };

    private static string Payment(Payment? payment, string? currency)
    {
        if (payment is null)
            return "none";

        var charged = payment.Charges?.Sum(charge => charge.Amount) ?? 0;
        var refunded = payment.Refunds?.Sum(refund => refund.Amount) ?? 0;
        return $"{payment.Status}, charged {Wording.Money(charged, currency)}"
            + (refunded == 0 ? "" : $", refunded {Wording.Money(refunded, currency)}");
    }
}
