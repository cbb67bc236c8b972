using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>Where settings come from: a settings file, then environment variables, then the command line, each over the one before.</summary>
internal static class Settings
{
    private const string FileName = "local.settings.json";
    private const string SampleFileName = "local.settings.sample.json";

    /// <param name="configuration">Where they are added.</param>
    /// <param name="args">The command line.</param>
    /// <param name="app">The app, whose file counts where there is none in the current directory. Default, and if it has none: the sample beside this program.</param>
    public static void AddSources(ConfigurationManager configuration, string[] args, AppFolder? app = null)
    {
        var path = Path.Combine(Directory.GetCurrentDirectory(), FileName);
        if (!File.Exists(path))
            path = app?.FileNamed(FileName) ?? app?.FileNamed(SampleFileName) ?? Path.Combine(AppContext.BaseDirectory, SampleFileName);
        if (File.Exists(path))
            configuration.AddInMemoryCollection(ReadValues(path));
        configuration.AddEnvironmentVariables();
        configuration.AddCommandLine(args);
    }

    /// <summary>Replaces every <c>%Name%</c> by the setting of that name, as Azure does in trigger attributes.</summary>
    /// <exception cref="StartupException">A setting is missing.</exception>
    public static string? Resolve(IConfiguration configuration, string? text)
    {
        if (text is null || !text.Contains('%'))
            return text;
        var parts = text.Split('%');
        if (parts.Length % 2 == 0)
            throw new StartupException($"'{text}' has a single '%': a setting is written %Name%.");
        for (var i = 1; i < parts.Length; i += 2)
        {
            parts[i] = configuration[Colons(parts[i])]
                ?? throw new StartupException($"'{text}' names the setting '{parts[i]}', which is not set.");
        }

        return string.Concat(parts);
    }

    private static string Colons(string name) => name.Replace("__", ":", StringComparison.Ordinal);

    private static Dictionary<string, string?> ReadValues(string path)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), options);
            if (document.RootElement.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.ValueKind == JsonValueKind.True)
                throw new StartupException($"{path}: encrypted settings are not supported. Run 'func settings decrypt'.");
            if (!document.RootElement.TryGetProperty("Values", out var section))
                return values;
            foreach (var value in section.EnumerateObject())
            {
                values[Colons(value.Name)] = value.Value.ValueKind == JsonValueKind.String
                    ? value.Value.GetString()
                    : throw new StartupException($"{path}: the value of '{value.Name}' is not a string, as Core Tools require.");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException)
        {
            throw new StartupException($"{path} cannot be read: {error.Message}", error);
        }

        return values;
    }
}
