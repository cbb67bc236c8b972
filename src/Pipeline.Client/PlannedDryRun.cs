namespace Pipeline.Client;

/// <summary>The dry run of one subject of a planned replay.</summary>
/// <param name="Number">The subject's number in the plan.</param>
/// <param name="Partition">The subject.</param>
/// <param name="Consumer">The consumer.</param>
/// <param name="Refused">Why applying the plan would leave it as it is; <see langword="null"/> if it would not.</param>
/// <param name="DryRun">What its replay would do; <see langword="null"/> if it would be left as it is.</param>
public sealed record PlannedDryRun(int Number, string Partition, string Consumer, string? Refused, DryRunDetails? DryRun);
