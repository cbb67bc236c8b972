using Microsoft.Extensions.Configuration;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>A setting of an app. The start ends with its errors, in one list with those of all settings.</summary>
/// <param name="Name">As it is written in app settings and environment variables, with <c>__</c> between the parts: <c>Sales__key</c>.</param>
/// <param name="Purpose">Its purpose; it follows "NAME is missing:".</param>
/// <param name="Example">A valid value.</param>
/// <param name="Place">Where it must be set.</param>
public sealed record Setting(string Name, string Purpose, string Example, SettingPlace Place = SettingPlace.None)
{
    /// <summary>
    /// Gets what tells why a value is invalid, such as "is not an address"; <see langword="null"/> if every value is valid. Default: every
    /// value is valid.
    /// </summary>
    public Func<string, string?>? Error { get; init; }

    /// <summary>Gets the error message if it is missing.</summary>
    public string Missing => $"'{Name}' is missing: {Purpose}, such as '{Example}'.";

    /// <summary>Gets the first part of the name; <see langword="null"/> if it has only one.</summary>
    internal string? Section => Name.IndexOf("__", StringComparison.Ordinal) is > 0 and var end ? Name[..end] : null;

    /// <summary>Tells why a value is not an absolute address (<c>http</c> or <c>https</c>); for <see cref="Error"/>.</summary>
    /// <param name="value">The value.</param>
    public static string? AddressError(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) ? null : "is not an address";

    /// <summary>Gets the value; <see langword="null"/> if it is missing or empty.</summary>
    /// <param name="configuration">The settings of the app.</param>
    public string? Of(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration[Name.Replace("__", ":", StringComparison.Ordinal)] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
    }

    /// <summary>Gets the value.</summary>
    /// <param name="configuration">The settings of the app.</param>
    /// <exception cref="InvalidOperationException">It is missing.</exception>
    public string Required(IConfiguration configuration) => Of(configuration) ?? throw new InvalidOperationException(Missing);

    /// <summary>Gets the error message of an invalid value; <see langword="null"/> if it is valid or missing.</summary>
    internal string? Check(IConfiguration configuration) => Of(configuration) is { } value && Error?.Invoke(value) is { } why ? Wrong(why) : null;

    /// <summary>Gets the error message if its value is invalid. The value is repeated only if it cannot be a secret.</summary>
    internal string Wrong(string why) => $"'{Name}' {why}. It is {Purpose}, such as '{Example}'.";
}
