using System.Text.Json.Serialization;

namespace Pipeline.Services.Ordering;

/// <summary>Why an order was cancelled.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReasonCode>))]
public enum ReasonCode
{
    /// <summary>The customer cancelled it.</summary>
    [JsonStringEnumMemberName("customer")]
    Customer,

    /// <summary>The payment failed.</summary>
    [JsonStringEnumMemberName("payment")]
    Payment,

    /// <summary>It cannot be delivered.</summary>
    [JsonStringEnumMemberName("shipping")]
    Shipping,

    /// <summary>Something was out of stock.</summary>
    [JsonStringEnumMemberName("stock")]
    Stock,
}
