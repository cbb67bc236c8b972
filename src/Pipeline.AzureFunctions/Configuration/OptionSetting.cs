namespace Pipeline.AzureFunctions.Configuration;

/// <summary>A setting that an option is bound from.</summary>
/// <param name="Key">The key within its section, with a colon before the name in a nested record.</param>
/// <param name="Range">The range, with its unit.</param>
/// <param name="Default">The default.</param>
internal sealed record OptionSetting(string Key, string Range, object? Default);
