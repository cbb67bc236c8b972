using Microsoft.Extensions.Configuration;

namespace Pipeline.Functions;

/// <summary>A setting of the app.</summary>
/// <param name="Name">As it is written in app settings and environment variables, with <c>__</c> between the parts.</param>
/// <param name="Purpose">Its purpose; it follows "NAME is missing:".</param>
/// <param name="Example">A valid value.</param>
/// <param name="Place">Where it must be set; tests compare Bicep and the sample with it.</param>
internal sealed record Setting(string Name, string Purpose, string Example, SettingPlace Place)
{
    /// <summary>Gets the value; <see langword="null"/> if it is missing or empty.</summary>
    public string? Of(IConfiguration configuration) =>
        configuration[Name.Replace("__", ":", StringComparison.Ordinal)] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    /// <summary>Gets the value of a setting that was checked at the start.</summary>
    /// <exception cref="InvalidOperationException">It is missing.</exception>
    public string Required(IConfiguration configuration) => Of(configuration) ?? throw new InvalidOperationException(Missing);

    /// <summary>Gets the error message if it is missing.</summary>
    public string Missing => $"'{Name}' is missing: {Purpose}, such as '{Example}'.";

    /// <summary>Gets the error message if its value is invalid. The value is repeated only if it cannot be a secret.</summary>
    public string Wrong(string why) => $"'{Name}' {why}. It is {Purpose}, such as '{Example}'.";
}
