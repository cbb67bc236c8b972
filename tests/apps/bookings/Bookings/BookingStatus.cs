using System.Text.Json.Serialization;

namespace Pipeline.BookingApp;

/// <summary>The status of a booking.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BookingStatus>))]
public enum BookingStatus
{
    /// <summary>Made; rooms and charge are on their way.</summary>
    [JsonStringEnumMemberName("made")]
    Made,

    /// <summary>All rooms are reserved; the charge is on its way.</summary>
    [JsonStringEnumMemberName("reserved")]
    Reserved,

    /// <summary>Charged; the key is on its way.</summary>
    [JsonStringEnumMemberName("charged")]
    Charged,

    /// <summary>Charged, and the key is issued. Final.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Cancelled. Final.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
