namespace Pipeline.Functions;

/// <summary>The names that trigger attributes need as constants. A test holds them against <c>topology.json</c>.</summary>
internal static class Names
{
    /// <summary>Setting with the connection to Cosmos DB: a connection string, or <c>Cosmos__accountEndpoint</c> with a managed identity.</summary>
    public const string Cosmos = "Cosmos";

    /// <summary>Setting with the connection to Service Bus: a connection string, or <c>ServiceBus__fullyQualifiedNamespace</c> with a managed identity.</summary>
    public const string ServiceBus = "ServiceBus";

    public const string Database = "pipeline";
    public const string Leases = "leases";

    public const string Ordering = "ordering";
    public const string Inventory = "inventory";
    public const string Payments = "payments";
    public const string Shipping = "shipping";
    public const string Gateways = "gateways";

    public const string Stock = "stock";
    public const string Reservations = "reservations";

    /// <summary>Topic with a subscription per webhook source. Events go from the receiver to the consumer without it; replays come through it.</summary>
    public const string Webhooks = "webhooks";
    public const string Carrier = "carrier";

    public const string DeadLetterQueue = "/$DeadLetterQueue";
}
