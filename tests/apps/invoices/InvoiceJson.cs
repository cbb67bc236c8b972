using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.InvoiceApp;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, Converters = [typeof(DecimalConverter)])]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(InvoiceIssued))]
internal sealed partial class InvoiceJson : JsonSerializerContext;
