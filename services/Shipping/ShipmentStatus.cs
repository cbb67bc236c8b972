using System.Text.Json.Serialization;

namespace Pipeline.Services.Shipping;

/// <summary>The status of a shipment.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShipmentStatus>))]
public enum ShipmentStatus
{
    /// <summary>Nothing was shipped yet.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>The parcel is with the carrier.</summary>
    [JsonStringEnumMemberName("shipped")]
    Shipped,

    /// <summary>The carrier does not take the parcel. Final.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The order was cancelled and the parcel recalled. Final.</summary>
    [JsonStringEnumMemberName("recalled")]
    Recalled,

    /// <summary>The order was cancelled before anything was shipped. Final.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
