using Microsoft.Extensions.Configuration;

namespace Pipeline.Functions;

/// <summary>A setting of the app.</summary>
/// <param name="Name">As it is written in app settings and environment variables, with <c>__</c> between the parts.</param>
/// <param name="Purpose">What it is for, to go on after "NAME is missing:".</param>
/// <param name="Example">A value that would do.</param>
/// <param name="Place">Where it has to be; tests hold Bicep and the sample against it.</param>
internal sealed record Setting(string Name, string Purpose, string Example, SettingPlace Place)
{
    /// <summary>The value; <see langword="null"/> if it is missing or empty.</summary>
    public string? Of(IConfiguration configuration) =>
        configuration[Name.Replace("__", ":", StringComparison.Ordinal)] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    /// <summary>The value of a setting that has been checked at the start.</summary>
    /// <exception cref="InvalidOperationException">It is missing.</exception>
    public string Required(IConfiguration configuration) => Of(configuration) ?? throw new InvalidOperationException(Missing);

    /// <summary>What to tell where it is missing.</summary>
    public string Missing => $"'{Name}' is missing: {Purpose}, such as '{Example}'.";

    /// <summary>What to tell where its value cannot be used. The value is not repeated unless it can be no secret.</summary>
    public string Wrong(string why) => $"'{Name}' {why}. It is {Purpose}, such as '{Example}'.";
}
