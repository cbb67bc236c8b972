using Pipeline.Services.Payments;

namespace Pipeline.Functions;

internal sealed record PaymentBody(
    string OrderId, PaymentStatus Status, decimal? Amount, string? Currency, IReadOnlyList<MovementBody> Charges, IReadOnlyList<MovementBody> Refunds);
