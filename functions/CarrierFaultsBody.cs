namespace Pipeline.Functions;

internal sealed record CarrierFaultsBody(IReadOnlyList<string> Skus);
