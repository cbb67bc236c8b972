using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Cli.Broker;

/// <summary>Source-generated metadata of the embedded Service Bus.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SentMessage))]
[JsonSerializable(typeof(List<BrokerEntityCounts>))]
[JsonSerializable(typeof(List<BrokerSessionState>))]
[JsonSerializable(typeof(List<PeekedMessage>))]
internal sealed partial class BrokerJson : JsonSerializerContext;
