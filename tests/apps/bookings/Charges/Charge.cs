using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>
/// The charge of one booking: it takes the amount from BookingMade and charges once the rooms are reserved. The two events come from
/// different topics, in any order.
/// </summary>
public sealed record Charge
{
    public required string BookingId { get; init; }

    public ChargeStatus Status { get; init; }

    /// <summary>Gets the guest; <see langword="null"/>, as amount and currency, until BookingMade was received.</summary>
    public string? GuestId { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    public bool AreRoomsReserved { get; init; }

    public static DocumentState<Charge> Document { get; } = new();

    /// <summary>Handles the events of Bookings.</summary>
    public static Consumer OnBookings { get; } = Consumer.Of("bookings/charges", "charges", Document)
        .On<MadeBooking, IChargeGateway>(ConsumedMessage.Of<BookingMadeV2, MadeBooking>(), (charge, made, _, gateway, cancellationToken) => ChargeWhenDueAsync(
            (charge ?? new Charge { BookingId = made.BookingId }) with { GuestId = made.GuestId, Amount = made.Total.Value, Currency = made.Total.Currency },
            gateway,
            cancellationToken))
        .On<BookingCancelled, IChargeGateway>(CancelAsync);

    /// <summary>Handles the events of Rooms.</summary>
    public static Consumer OnRooms { get; } = Consumer.Of("rooms/charges", "charges", Document)
        .On<RoomsReserved, IChargeGateway>((charge, received, _, gateway, cancellationToken) => ChargeWhenDueAsync(
            (charge ?? new Charge { BookingId = received.BookingId }) with { AreRoomsReserved = true }, gateway, cancellationToken));

    /// <summary>The gateway's key of a booking's charge: one per booking, whatever message leads to it.</summary>
    public static string ChargeKey(string bookingId) => "charge-" + bookingId;

    /// <summary>The gateway's key of a booking's refund.</summary>
    public static string RefundKey(string bookingId) => "refund-" + bookingId;

    private static async Task<Decision<Charge>> ChargeWhenDueAsync(Charge charge, IChargeGateway gateway, CancellationToken cancellationToken)
    {
        // An earlier attempt at this message may have charged and then lost the commit to the cancellation: the gateway knows.
        if (charge.Status == ChargeStatus.Cancelled
            && await gateway.FindAsync(ChargeKey(charge.BookingId), charge.BookingId, cancellationToken) is { Declined: null } charged)
            return await RefundAsync(charge, charged.Amount, charged.Currency, gateway, cancellationToken);
        if (charge is not { Status: ChargeStatus.Open, AreRoomsReserved: true, Amount: { } amount })
            return Decision<Charge>.Save(charge);
        var transaction = await gateway.ChargeAsync(
            ChargeKey(charge.BookingId), charge.BookingId, charge.GuestId!, amount, charge.Currency!, cancellationToken);
        return transaction.Declined is { } declined
            ? Decision<Charge>.Save(charge with { Status = ChargeStatus.Failed }).Publish(new ChargeFailed(charge.BookingId, declined))
            : Decision<Charge>.Save(charge with { Status = ChargeStatus.Charged }).Publish(new ChargeMade(charge.BookingId, amount, charge.Currency!));
    }

    private static async Task<Decision<Charge>> CancelAsync(
        Charge? charge, BookingCancelled cancelled, HandlerContext context, IChargeGateway gateway, CancellationToken cancellationToken)
    {
        charge ??= new Charge { BookingId = cancelled.BookingId };
        return charge.Status switch
        {
            ChargeStatus.Open => Decision<Charge>.Save(charge with { Status = ChargeStatus.Cancelled }),
            ChargeStatus.Charged => await RefundAsync(charge, charge.Amount!.Value, charge.Currency!, gateway, cancellationToken),
            _ => Decision<Charge>.Nothing(),
        };
    }

    private static async Task<Decision<Charge>> RefundAsync(
        Charge charge, decimal amount, string currency, IChargeGateway gateway, CancellationToken cancellationToken)
    {
        await gateway.RefundAsync(RefundKey(charge.BookingId), charge.BookingId, amount, currency, cancellationToken);
        return Decision<Charge>
            .Save(charge with { Status = ChargeStatus.Refunded })
            .Publish(new ChargeRefunded(charge.BookingId, amount, currency));
    }
}
