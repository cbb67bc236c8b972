using Pipeline.AzureFunctions.Http;

namespace Pipeline.Functions;

/// <summary>
/// Problems of the sample's own operations. The slugs are part of the API: clients compare them, so they never change.
/// </summary>
internal static class SampleProblems
{
    public static ProblemType OrderInvalid { get; } = new("order-invalid", 400, "Invalid order", "Correct what `errors` lists and send the order again.");

    public static ProblemType OrderExists { get; } = new("order-exists", 409, "Order already exists", "An order with this id exists.");

    public static ProblemType OrderAlreadyCompleted { get; } = new(
        "order-already-completed", 409, "Order already completed", "A completed order cannot be cancelled.");

    public static ProblemType ReasonTooLong { get; } = new("reason-too-long", 400, "Reason too long", "Shorten the reason; `errors` has the limit.");

    public static ProblemType ArticleNameInvalid { get; } = new(
        "article-name-invalid", 400, "Invalid article name", "Use 1 to 64 letters, digits, `.`, `_` or `-`, but not `.` or `..` alone.");

    public static ProblemType StockInvalid { get; } = new("stock-invalid", 400, "Invalid stock", "Send the number of pieces in `onHand`; `errors` has the range.");

    public static ProblemType StockReserved { get; } = new(
        "stock-reserved", 409, "Stock reserved", "More pieces are reserved than the new stock has. Set a larger number.");

    public static ProblemType DayInvalid { get; } = new("day-invalid", 400, "Invalid day", "Send a UTC day such as `2026-12-31`.");

    public static ProblemType NoSimulatedCarrier { get; } = new(
        "no-simulated-carrier", 404, "No simulated carrier", "Another carrier gateway is configured, so faults cannot be simulated.");

    public static ProblemType TooManyCarrierFaults { get; } = new(
        "too-many-carrier-faults", 409, "Too many carrier faults", "Remove a fault before you set another.");

    /// <summary>Gets all of them, in the order of the documentation.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        OrderInvalid, OrderExists, OrderAlreadyCompleted, ReasonTooLong, ArticleNameInvalid, StockInvalid, StockReserved, DayInvalid,
        NoSimulatedCarrier, TooManyCarrierFaults,
    ];
}
