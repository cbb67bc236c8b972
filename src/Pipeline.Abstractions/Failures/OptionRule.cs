namespace Pipeline.Failures;

/// <summary>The range of an option. Options are checked when the application is composed, so that a value that cannot be used ends the start.</summary>
/// <param name="Name">The option; with a colon before that of a nested record.</param>
/// <param name="Range">The range, with its unit.</param>
/// <param name="Value">Gets the value.</param>
/// <param name="IsValid">Tells whether it is in its range.</param>
internal sealed record OptionRule<TOptions>(string Name, string Range, Func<TOptions, object?> Value, Func<TOptions, bool> IsValid)
{
    /// <summary>Checks options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="rules">The ranges.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static TOptions Check(TOptions options, IReadOnlyList<OptionRule<TOptions>> rules) =>
        rules.FirstOrDefault(rule => !rule.IsValid(options)) is { } broken
            ? throw new ArgumentOutOfRangeException(broken.Name, broken.Value(options), $"The option '{broken.Name}' must be {broken.Range}.")
            : options;
}
