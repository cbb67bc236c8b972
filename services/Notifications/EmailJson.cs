using System.Text.Json.Serialization;

namespace Pipeline.Services.Notifications;

[JsonSerializable(typeof(StoredEmail))]
[JsonSerializable(typeof(IReadOnlyList<SentEmail>))]
internal sealed partial class EmailJson : JsonSerializerContext;
