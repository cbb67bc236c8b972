using System.Text.Json.Serialization;

namespace Pipeline.BookingApp;

/// <summary>The status of a reservation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReservationStatus>))]
public enum ReservationStatus
{
    /// <summary>Answers are outstanding.</summary>
    Pending,

    /// <summary>Everything is held.</summary>
    Reserved,

    /// <summary>Something lacks; what was held is given back. Final.</summary>
    Rejected,

    /// <summary>The booking was cancelled; what was held is given back. Final.</summary>
    Released,
}
