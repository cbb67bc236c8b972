namespace Pipeline.Functions;

internal sealed record ReportedOrders(
    int Completed, IReadOnlyDictionary<string, int> Cancelled, IReadOnlyDictionary<string, decimal> Revenue, long Lines, long Pieces, double? MeanMinutes);
