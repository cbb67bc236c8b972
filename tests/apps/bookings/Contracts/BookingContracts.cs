using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>All messages of the app.</summary>
public static class BookingContracts
{
    private static readonly BookingJson Json = BookingJson.Default;

    public static IReadOnlyList<Contract> All { get; } =
    [
        new Contract<BookingMade>("com.contoso.bookings.booking-made.v1", ContractKind.StateTransfer, "bookings", Json.BookingMade, "{bookingId}", e => e.BookingId, isPublic: true)
            .UpcastTo(BookingMadeVersions.Upcast),
        new Contract<BookingMadeV2>("com.contoso.bookings.booking-made.v2", ContractKind.StateTransfer, "bookings", Json.BookingMadeV2, "{bookingId}", e => e.BookingId, isPublic: true)
            .DowncastTo(BookingMadeVersions.Downcast),
        new Contract<BookingCancelled>("com.contoso.bookings.booking-cancelled.v1", ContractKind.DomainEvent, "bookings", Json.BookingCancelled, "{bookingId}", e => e.BookingId, isPublic: true),
        new Contract<BookingCompleted>("com.contoso.bookings.booking-completed.v1", ContractKind.StateTransfer, "bookings", Json.BookingCompleted, "{bookingId}", e => e.BookingId, isPublic: true),
        new Contract<BookingClosed>("com.contoso.bookings.booking-closed.v1", ContractKind.StateTransfer, "bookings", Json.BookingClosed, "{bookingId}", e => e.BookingId),
        new Contract<ReserveRoom>("com.contoso.rooms.reserve-room.v1", ContractKind.Command, "vacancies", Json.ReserveRoom, "room-{room}", e => Vacancy.PartitionOf(e.Room)),
        new Contract<ReleaseRoom>("com.contoso.rooms.release-room.v1", ContractKind.Command, "vacancies", Json.ReleaseRoom, "room-{room}", e => Vacancy.PartitionOf(e.Room)),
        new Contract<RoomHeld>("com.contoso.rooms.room-held.v1", ContractKind.Reply, "reservations", Json.RoomHeld, "{bookingId}", e => e.BookingId),
        new Contract<RoomRefused>("com.contoso.rooms.room-refused.v1", ContractKind.Reply, "reservations", Json.RoomRefused, "{bookingId}", e => e.BookingId),
        new Contract<RoomsReserved>("com.contoso.rooms.rooms-reserved.v1", ContractKind.DomainEvent, "rooms", Json.RoomsReserved, "{bookingId}", e => e.BookingId),
        new Contract<RoomsUnavailable>("com.contoso.rooms.rooms-unavailable.v1", ContractKind.DomainEvent, "rooms", Json.RoomsUnavailable, "{bookingId}", e => e.BookingId),
        new Contract<ChargeMade>("com.contoso.charges.charge-made.v1", ContractKind.DomainEvent, "charges", Json.ChargeMade, "{bookingId}", e => e.BookingId),
        new Contract<ChargeFailed>("com.contoso.charges.charge-failed.v1", ContractKind.DomainEvent, "charges", Json.ChargeFailed, "{bookingId}", e => e.BookingId),
        new Contract<ChargeRefunded>("com.contoso.charges.charge-refunded.v1", ContractKind.DomainEvent, "charges", Json.ChargeRefunded, "{bookingId}", e => e.BookingId),
        new Contract<KeyIssued>("com.contoso.keys.key-issued.v1", ContractKind.DomainEvent, "keys", Json.KeyIssued, "{bookingId}", e => e.BookingId, isPublic: true),
        new Contract<KeyRefused>("com.contoso.keys.key-refused.v1", ContractKind.DomainEvent, "keys", Json.KeyRefused, "{bookingId}", e => e.BookingId),
        new Contract<KeyRevoked>("com.contoso.keys.key-revoked.v1", ContractKind.DomainEvent, "keys", Json.KeyRevoked, "{bookingId}", e => e.BookingId),
        new Contract<DoorOpened>("com.contoso.locks.door-opened.v1", ContractKind.DomainEvent, "webhooks", Json.DoorOpened, "door-{bookingId}", e => "door-" + e.BookingId),
        new Contract<MailSent>("com.contoso.mails.mail-sent.v1", ContractKind.DomainEvent, "mails", Json.MailSent, "{bookingId}", e => e.BookingId),
        new Contract<FiguresChanged>("com.contoso.statistics.figures-changed.v1", ContractKind.Notification, "statistics", Json.FiguresChanged, "statistics-{day:compact}-{room}", e => RoomStatistics.PartitionOf(e.Day, e.Room)),
    ];
}
