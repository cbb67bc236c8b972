namespace Pipeline.Local.ServiceBus;

/// <summary>The order in which messages are received; one that comes back finds its place again.</summary>
internal readonly struct BySequenceNumber : IHeapOrder<BrokerMessage>
{
    public static bool IsBefore(BrokerMessage left, BrokerMessage right) => left.SequenceNumber < right.SequenceNumber;

    public static int PlaceOf(BrokerMessage item) => item.Place;

    public static void SetPlace(BrokerMessage item, int place) => item.Place = place;
}
