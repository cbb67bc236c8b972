using System.Text.Json.Serialization;

namespace Pipeline.Services.Inventory;

/// <summary>Where one article of a reservation stands.</summary>
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
