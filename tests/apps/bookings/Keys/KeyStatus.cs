using System.Text.Json.Serialization;

namespace Pipeline.BookingApp;

/// <summary>The status of a key.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyStatus>))]
public enum KeyStatus
{
    /// <summary>Nothing was issued yet.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>The guest has it.</summary>
    [JsonStringEnumMemberName("issued")]
    Issued,

    /// <summary>The lock system issues none. Final.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The booking was cancelled and the key revoked. Final.</summary>
    [JsonStringEnumMemberName("revoked")]
    Revoked,

    /// <summary>The booking was cancelled before a key was issued. Final.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
