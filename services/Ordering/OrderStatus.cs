using System.Text.Json.Serialization;

namespace Pipeline.Services.Ordering;

/// <summary>The status of an order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OrderStatus>))]
public enum OrderStatus
{
    /// <summary>Placed; stock and payment are on their way.</summary>
    [JsonStringEnumMemberName("placed")]
    Placed,

    /// <summary>Everything is reserved; payment is on its way.</summary>
    [JsonStringEnumMemberName("reserved")]
    Reserved,

    /// <summary>Everything is reserved and the total is charged; the parcel is on its way to the carrier.</summary>
    [JsonStringEnumMemberName("paid")]
    Paid,

    /// <summary>Paid and shipped. Final.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Cancelled. Final.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
