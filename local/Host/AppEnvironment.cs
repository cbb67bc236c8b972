using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>The settings as an app finds them in Azure: in its environment.</summary>
internal static class AppEnvironment
{
    /// <summary>Those that this process has not in its environment. Those of the host alone are not the app's business.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(IConfiguration configuration)
    {
        foreach (var (name, value) in configuration.AsEnumerable())
        {
            if (value is null || name.StartsWith("Local:", StringComparison.OrdinalIgnoreCase))
                continue;
            var variable = name.Replace(":", "__", StringComparison.Ordinal);
            if (Environment.GetEnvironmentVariable(variable) != value)
                yield return new(variable, value);
        }
    }
}
