using System.Text.Json.Serialization;

namespace Pipeline.BookingApp;

/// <summary>Domain events of a booking. They never leave its service; integration events publish their meaning.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Made), "BookingMade")]
[JsonDerivedType(typeof(RoomsConfirmed), "RoomsReserved")]
[JsonDerivedType(typeof(Charged), "BookingCharged")]
[JsonDerivedType(typeof(KeyHandedOver), "KeyIssued")]
[JsonDerivedType(typeof(Completed), "BookingCompleted")]
[JsonDerivedType(typeof(Cancelled), "BookingCancelled")]
public abstract record BookingEvent
{
    private BookingEvent()
    {
    }

    /// <summary>The guest booked.</summary>
    public sealed record Made(string BookingId, string GuestId, string Currency, decimal Total, IReadOnlyList<BookedRoom> Rooms) : BookingEvent;

    /// <summary>All rooms are reserved.</summary>
    public sealed record RoomsConfirmed : BookingEvent;

    /// <summary>The total was charged.</summary>
    public sealed record Charged(decimal Amount) : BookingEvent;

    /// <summary>The guest has the key.</summary>
    public sealed record KeyHandedOver(string Number) : BookingEvent;

    /// <summary>Charged, and the key is issued: done.</summary>
    public sealed record Completed : BookingEvent;

    /// <summary>Cancelled, with the reason.</summary>
    public sealed record Cancelled(string Reason) : BookingEvent;
}
