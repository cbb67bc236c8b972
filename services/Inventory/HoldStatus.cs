using System.Text.Json.Serialization;

namespace Pipeline.Services.Inventory;

/// <summary>The status of one article of a reservation.</summary>
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
