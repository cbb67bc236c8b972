using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Functions that app settings switch off, as in Azure: <c>AzureWebJobs.NAME.Disabled</c>, or with double underscores in the place of
/// dots where a name may have none.
/// </summary>
/// <remarks>See <see href="https://learn.microsoft.com/azure/azure-functions/disable-function"/>.</remarks>
internal static class DisabledFunctions
{
    /// <exception cref="StartupException">The setting is neither true nor false.</exception>
    public static bool Contains(IConfiguration configuration, string function)
    {
        var name = $"AzureWebJobs.{function}.Disabled";
        var text = configuration[name] ?? configuration[name.Replace('.', ':')];
        return text?.ToUpperInvariant() switch
        {
            null or "" or "FALSE" or "0" => false,
            "TRUE" or "1" => true,
            _ => throw new StartupException($"{name} is '{text}': 'true' or 'false' is expected."),
        };
    }
}
