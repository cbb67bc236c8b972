namespace Pipeline.Functions;

/// <summary>Names of settings and entities that code by hand needs; generated code has its own.</summary>
internal static class Names
{
    /// <summary>Setting with the connection to Cosmos DB: a connection string, or <c>Cosmos__accountEndpoint</c> with a managed identity.</summary>
    public const string Cosmos = "Cosmos";

    /// <summary>Setting with the connection to Service Bus: a connection string, or <c>ServiceBus__fullyQualifiedNamespace</c> with a managed identity.</summary>
    public const string ServiceBus = "ServiceBus";

    /// <summary>Settings of the Event Grid topic: <c>EventGrid__topicEndpoint</c>, or <c>none</c>; a managed identity, or <c>EventGrid__key</c>.</summary>
    public const string EventGrid = "EventGrid";

    /// <summary>Setting with the connection to the blob storage: a connection string, or <c>Blobs__serviceUri</c> with a managed identity.</summary>
    public const string Blobs = "Blobs";

    public const string Database = "pipeline";
    public const string Leases = "leases";

    /// <summary>Container of the replays. It belongs to no service, so it has no relay.</summary>
    public const string Replays = "replays";

    public const string Ordering = "ordering";
    public const string Inventory = "inventory";
    public const string Payments = "payments";
    public const string Shipping = "shipping";
    public const string Gateways = "gateways";

    public const string Notifications = "notifications";
    public const string Analytics = "analytics";
    public const string Reporting = "reporting";

    /// <summary>The consumer of Notifications: the Event Grid subscription's function, and the queue for replays.</summary>
    public const string Notify = "notify";

    /// <summary>Topic with a subscription per webhook source. The receiver passes events to the consumer directly; replays use the topic.</summary>
    public const string Webhooks = "webhooks";
}
