namespace Pipeline.BookingApp;

/// <summary>The names of the services, which are those of their containers, and of what the tests ask for by name.</summary>
public static class Names
{
    public const string Database = "pipeline";
    public const string Bookings = "bookings";
    public const string Rooms = "rooms";
    public const string Charges = "charges";
    public const string Keys = "keys";
    public const string Mails = "mails";
    public const string Statistics = "statistics";
    public const string Reports = "reports";

    /// <summary>Container of what the simulated gateways store.</summary>
    public const string Gateways = "gateways";

    /// <summary>The consumer of Mails: the function of the Event Grid subscription, and the queue for replays.</summary>
    public const string Mail = "mail";
}
