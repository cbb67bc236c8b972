using Microsoft.Extensions.Configuration;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>The address of the app itself, as the Functions host sets it.</summary>
public static class AppAddress
{
    /// <summary>Gets the address, with a slash at the end; <see langword="null"/> if the host serves no HTTP.</summary>
    /// <param name="configuration">The settings of the app. Known when the host listens, before the first trigger runs.</param>
    public static Uri? Find(IConfiguration configuration) => PipelineSettings.HostName.Of(configuration) is { } name ? Of(name) : null;

    /// <summary>Gets the address, with a slash at the end.</summary>
    /// <param name="configuration">The settings of the app.</param>
    /// <exception cref="InvalidOperationException">The host serves no HTTP.</exception>
    public static Uri Of(IConfiguration configuration) => Of(PipelineSettings.HostName.Required(configuration));

    /// <summary>Makes an address that ends with a slash, so that others are relative to it.</summary>
    /// <param name="address">The address.</param>
    public static Uri Folder(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(address.EndsWith('/') ? address : address + "/");
    }

    private static Uri Of(string hostName) => new(
        (hostName.StartsWith("localhost", StringComparison.Ordinal) || hostName.StartsWith("127.", StringComparison.Ordinal) ? "http://" : "https://") + hostName + "/");
}
