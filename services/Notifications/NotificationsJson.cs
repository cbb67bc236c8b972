using System.Text.Json.Serialization;

namespace Pipeline.Services.Notifications;

/// <summary>Source-generated metadata of Notifications' own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CustomerNotices))]
[JsonSerializable(typeof(PlacedOrder))]
internal sealed partial class NotificationsJson : JsonSerializerContext;
