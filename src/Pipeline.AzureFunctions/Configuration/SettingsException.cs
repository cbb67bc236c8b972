namespace Pipeline.AzureFunctions.Configuration;

/// <summary>The app cannot start with these settings.</summary>
/// <param name="errors">The errors, one sentence each.</param>
public sealed class SettingsException(IReadOnlyList<string> errors)
    : Exception($"The app cannot start; {(errors.Count == 1 ? "a setting is" : $"{errors.Count} of its settings are")} wrong or missing:\n{string.Join('\n', errors.Select(e => "- " + e))}\nThe page 'Settings' of the documentation lists all settings.")
{
    /// <summary>Gets the errors, one sentence each.</summary>
    public IReadOnlyList<string> Errors => errors;
}
