using System.Text.Json.Serialization;

namespace Pipeline.BookingApp;

/// <summary>The status of a charge.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChargeStatus>))]
public enum ChargeStatus
{
    /// <summary>Nothing was charged yet.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>The total was charged.</summary>
    [JsonStringEnumMemberName("charged")]
    Charged,

    /// <summary>The charge was declined. Final.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The charge was refunded. Final.</summary>
    [JsonStringEnumMemberName("refunded")]
    Refunded,

    /// <summary>The booking was cancelled before anything was charged. Final.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
