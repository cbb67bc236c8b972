using System.Text.Json.Serialization;
using Pipeline.Services.Notifications;

namespace Pipeline.Functions.Gateways;

[JsonSerializable(typeof(StoredEmail))]
[JsonSerializable(typeof(IReadOnlyList<SentEmail>))]
internal sealed partial class EmailJson : JsonSerializerContext;
