using System.Runtime.CompilerServices;

namespace Pipeline.Failures;

/// <summary>Checks options when the application is composed, so that a value that cannot be used ends the start with its name and range.</summary>
internal static class OptionRange
{
    /// <summary>Throws if a value is out of its range.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isUsable">Whether it is in its range.</param>
    /// <param name="range">The range, with its unit.</param>
    /// <param name="name">The option; filled in by the compiler.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void Check<T>(T value, bool isUsable, string range, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!isUsable)
            throw new ArgumentOutOfRangeException(name, value, $"The option '{name}' must be {range}.");
    }
}
