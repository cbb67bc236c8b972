using Pipeline.Services.Reporting;

namespace Pipeline.Functions;

internal sealed record ReportBody(
    string Day, int Articles, long Quantity, IReadOnlyDictionary<string, decimal> Revenue, ReportedOrders Orders, IReadOnlyList<SalesFigures> Sales);
