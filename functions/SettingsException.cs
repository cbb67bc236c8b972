namespace Pipeline.Functions;

/// <summary>The app cannot start with these settings.</summary>
/// <param name="errors">What is wrong, one sentence each.</param>
public sealed class SettingsException(IReadOnlyList<string> errors)
    : Exception($"The app cannot start; {(errors.Count == 1 ? "a setting is" : $"{errors.Count} of its settings are")} wrong or missing:\n{string.Join('\n', errors.Select(e => "- " + e))}\ndocs/azure.md and docs/local.md list all settings.")
{
    /// <summary>What is wrong, one sentence each.</summary>
    public IReadOnlyList<string> Errors => errors;
}
