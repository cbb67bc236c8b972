using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>Source-generated metadata of all contracts, with the options that contracts have.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Int32Converter), typeof(Int64Converter), typeof(DecimalConverter), typeof(TimestampConverter)])]
[JsonSerializable(typeof(BookingMade))]
[JsonSerializable(typeof(BookingMadeV2))]
[JsonSerializable(typeof(BookingCancelled))]
[JsonSerializable(typeof(BookingCompleted))]
[JsonSerializable(typeof(BookingClosed))]
[JsonSerializable(typeof(ReserveRoom))]
[JsonSerializable(typeof(ReleaseRoom))]
[JsonSerializable(typeof(RoomHeld))]
[JsonSerializable(typeof(RoomRefused))]
[JsonSerializable(typeof(RoomsReserved))]
[JsonSerializable(typeof(RoomsUnavailable))]
[JsonSerializable(typeof(ChargeMade))]
[JsonSerializable(typeof(ChargeFailed))]
[JsonSerializable(typeof(ChargeRefunded))]
[JsonSerializable(typeof(KeyIssued))]
[JsonSerializable(typeof(KeyRefused))]
[JsonSerializable(typeof(KeyRevoked))]
[JsonSerializable(typeof(DoorOpened))]
[JsonSerializable(typeof(MailSent))]
[JsonSerializable(typeof(FiguresChanged))]
public sealed partial class BookingJson : JsonSerializerContext;
