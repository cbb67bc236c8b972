namespace Pipeline.Functions;

/// <summary>Names of containers and consumers of the sample that code by hand needs; generated code has its own.</summary>
internal static class Names
{
    public const string Database = "pipeline";
    public const string Ordering = "ordering";
    public const string Inventory = "inventory";
    public const string Payments = "payments";
    public const string Shipping = "shipping";
    public const string Notifications = "notifications";
    public const string Analytics = "analytics";
    public const string Reporting = "reporting";

    /// <summary>Container of what the simulated gateways store.</summary>
    public const string Gateways = "gateways";

    /// <summary>The consumer of Notifications: the Event Grid subscription's function, and the queue for replays.</summary>
    public const string Notify = "notify";
}
