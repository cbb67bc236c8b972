using System.Text.Json.Serialization;

namespace Pipeline.Services.Payments;

/// <summary>The status of a payment.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PaymentStatus>))]
public enum PaymentStatus
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

    /// <summary>The order was cancelled before anything was charged. Final.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
