using System.Text.Json.Serialization;

namespace Pipeline.Operations;

/// <summary>Source-generated metadata of what lists read of records.</summary>
[JsonSerializable(typeof(BlockingDeadLetter))]
internal sealed partial class OperationsJson : JsonSerializerContext;
