namespace Pipeline.Local.EventGrid;

internal enum DeliveryState
{
    /// <summary>Waits for the time of its next attempt.</summary>
    Waiting,

    /// <summary>May go out as soon as the subscription is open and has a place free.</summary>
    Ready,

    /// <summary>Is out.</summary>
    InFlight,

    /// <summary>Given up; its dead letter is still to be written.</summary>
    GivenUp,

    /// <summary>Delivered, dead-lettered, or its subscription is gone.</summary>
    Gone,
}
