namespace Pipeline.Tests;

/// <summary>
/// How much a test does of what it does many times: a quick run by default, and as many times more as the variable
/// <c>PIPELINE_TEST_LOAD</c> says, for a night or before a release.
/// </summary>
internal static class TestLoad
{
    private static readonly int Factor = int.TryParse(Environment.GetEnvironmentVariable("PIPELINE_TEST_LOAD"), NumberStyles.None, CultureInfo.InvariantCulture, out var factor) && factor > 0
        ? factor
        : 1;

    /// <summary>How many, where that many are enough usually.</summary>
    public static int Of(int usual) => usual * Factor;

    /// <summary>Seeds of runs at random, from 1 on.</summary>
    public static TheoryData<int> Seeds(int usual) => [.. Enumerable.Range(1, Of(usual))];
}
