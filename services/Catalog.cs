using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Messages;
using Pipeline.Services.Analytics;
using Pipeline.Services.Inventory;
using Pipeline.Services.Notifications;
using Pipeline.Services.Ordering;
using Pipeline.Services.Payments;
using Pipeline.Services.Reporting;

namespace Pipeline.Services;

/// <summary>What the sample brings to the pipeline: its messages and its consumers.</summary>
public static class Catalog
{
    /// <summary>All messages, from the contracts.</summary>
    public static MessageCatalog Messages { get; } = new(ContractCatalog.All.Select(c => new MessageType
    {
        Name = c.Type,
        DataType = c.DataType,
        Kind = c.Kind switch
        {
            ContractKind.Fact => MessageKind.Fact,
            ContractKind.Command => MessageKind.Command,
            _ => MessageKind.Reply,
        },
        Destination = c.Destination,
        IsPublic = c.IsPublic,
        Key = c.KeyOf,
        Json = c.Json,
        Validate = c.WhatIsWrongWith,
    }));

    /// <summary>All consumers, one per Service Bus subscription or queue.</summary>
    public static IReadOnlyList<Consumer> Consumers { get; } =
    [
        OrderDecisions.OnInventory,
        OrderDecisions.OnPayments,
        Reservation.OnOrdering,
        Reservation.Replies,
        SkuStock.Commands,
        Payment.OnOrdering,
        Payment.OnInventory,
        CustomerNotices.Notify,
        Sales.OnOrdering,
        DailyReport.OnAnalytics,
    ];
}
