using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>The total of a booking was charged.</summary>
[Event("com.contoso.charges.charge-made.v1", "charges", "{bookingId}")]
public sealed record ChargeMade([BookingId] string BookingId, [Money] decimal Amount, [Currency] string Currency);

/// <summary>The charge was declined. Nothing was taken.</summary>
[Event("com.contoso.charges.charge-failed.v1", "charges", "{bookingId}")]
public sealed record ChargeFailed([BookingId] string BookingId, [Text(0, 10_000)] string Reason);

/// <summary>A charge was given back, because its booking was cancelled.</summary>
[Event("com.contoso.charges.charge-refunded.v1", "charges", "{bookingId}")]
public sealed record ChargeRefunded([BookingId] string BookingId, [Money] decimal Amount, [Currency] string Currency);
