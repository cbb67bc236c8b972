using Pipeline.DeadLetters;

namespace Pipeline.Tests;

/// <summary>What an operator's request came to, where a test knows which it has to be.</summary>
internal static class Refusals
{
    /// <summary>The result; a refusal fails the test.</summary>
    public static async Task<T> AllowedAsync<T>(this Task<Refusable<T>> request)
        where T : class
    {
        var isAllowed = (await request).TryGet(out var value, out var refusal);
        Assert.True(isAllowed, refusal);
        return value!;
    }

    /// <summary>The refusal; a result fails the test.</summary>
    public static async Task<string> RefusedAsync<T>(this Task<Refusable<T>> request)
        where T : class
    {
        var isAllowed = (await request).TryGet(out var value, out var refusal);
        Assert.False(isAllowed, $"It was not refused: {value}");
        return refusal!;
    }
}
