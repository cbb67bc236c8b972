using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>
/// Classes that take long start first, so that the end of a run does not wait for one of them alone.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        "TemplateTests", "ChaosTests", "KillTests", "LifecycleTests", "TwoProcessKillTests", "IsolationTests", "SignalTests", "OrderTests", "DrillTests", "CrashWhileFailingTests", "CrashAnywhereTests",
        "RandomReplayTests", "PlanTests", "CrashDuringDelayedRetryTests", "PayloadCollectorTests", "DryRunParityTests", "DailyOrdersTests", "GenerateCommandTests",
        "StrategyTests",
    ];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(Long, name => collection.DisplayName.EndsWith("." + name, StringComparison.Ordinal)) is >= 0 and var at ? at : Long.Length)
            .ThenBy(collection => collection.UniqueID);
}
