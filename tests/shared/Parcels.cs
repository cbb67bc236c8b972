using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.Tests.CodeGeneration;

internal sealed record ParcelSent([Text(1, 9)] string ParcelId, [Day] string Day, [Number(1, 9)] int Grams);

internal sealed record WeighParcel([Text(1, 9)] string ParcelId);

internal sealed record Nothing;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ParcelSent))]
[JsonSerializable(typeof(WeighParcel))]
[JsonSerializable(typeof(Nothing))]
internal sealed partial class ParcelTestJson : JsonSerializerContext;
