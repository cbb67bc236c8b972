using System.Text.Json.Serialization;

namespace Pipeline.BookingApp;

/// <summary>The status of one kind of room in a reservation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HoldStatus>))]
public enum HoldStatus
{
    /// <summary>Asked for; no answer yet.</summary>
    Pending,

    /// <summary>Held.</summary>
    Held,

    /// <summary>Refused, or given back.</summary>
    None,
}
