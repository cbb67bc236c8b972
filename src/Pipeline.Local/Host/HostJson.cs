using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>host.json, with what <c>AzureFunctionsJobHost:…</c> settings put over it, as in Azure.</summary>
internal sealed class HostJson
{
    public const string FileName = "host.json";
    private const string OverlaySection = "AzureFunctionsJobHost";

    private readonly IConfiguration _root;

    private HostJson(IConfiguration root)
    {
        _root = root;
    }

    public string RoutePrefix => PrefixOf(_root);

    /// <summary>How long an invocation may take; <see langword="null"/>: without a limit. 30 minutes unless set, as on Flex Consumption.</summary>
    public TimeSpan? FunctionTimeout { get; private init; }

    /// <summary>Names that do nothing, each in a sentence.</summary>
    public IEnumerable<string> Warnings => HostJsonNames.Warnings(_root);

    public IConfiguration Logging => _root.GetSection("logging");

    public IConfigurationSection ServiceBus => _root.GetSection("extensions:serviceBus");

    public static HostJson Read(string path, IConfiguration settings)
    {
        if (!File.Exists(path))
            throw new StartupException($"{path} does not exist: link {FileName} into the app's output, or set {LocalSettings.HostJsonName}.");
        try
        {
            var root = new ConfigurationBuilder()
                .AddJsonFile(path, optional: false, reloadOnChange: false)
                .AddConfiguration(settings.GetSection(OverlaySection))
                .Build();
            return root["version"] == "2.0"
                ? new HostJson(root) { FunctionTimeout = TimeoutOf(root) }
                : throw new StartupException($"{path}: \"version\" must be \"2.0\".");
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            throw new StartupException($"{path} cannot be read: {error.InnerException?.Message ?? error.Message}", error);
        }
    }

    public static bool Boolean(IConfiguration section, string name, bool standard) =>
        section[name] is not { } text ? standard
        : bool.TryParse(text, out var value) ? value
        : throw Bad(section, name, text, "true or false");

    public static int Integer(IConfiguration section, string name, int standard, int least) =>
        section[name] is not { } text ? standard
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least ? value
        : throw Bad(section, name, text, string.Create(CultureInfo.InvariantCulture, $"a number from {least}"));

    public static TimeSpan? Duration(IConfiguration section, string name) =>
        section[name] is not { } text ? null
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= TimeSpan.Zero ? value
        : throw Bad(section, name, text, "a duration, hh:mm:ss");

    /// <summary>An app that serves HTTP itself reads the route prefix from its own host.json, and from nowhere else.</summary>
    /// <param name="path">The app's host.json, which need not be there.</param>
    /// <exception cref="StartupException">This host would have another one: the app would know none of its routes.</exception>
    public void CheckPrefix(string path)
    {
        var prefix = PrefixOf(new ConfigurationBuilder().AddJsonFile(path, optional: true, reloadOnChange: false).Build());
        if (prefix != RoutePrefix)
        {
            throw new StartupException(
                $"extensions.http.routePrefix is '{RoutePrefix}', and in {path}, where an app with ASP.NET Core integration looks for it, also in Azure, it is '{prefix}'. Set it there.");
        }
    }

    private static string PrefixOf(IConfiguration hostJson) => (hostJson["extensions:http:routePrefix"] ?? "api").Trim('/');

    private static TimeSpan? TimeoutOf(IConfigurationRoot root)
    {
        const string Name = "functionTimeout";
        var text = root[Name];
        if (text is "-1" or "-1.00:00:00")
            return null;
        var timeout = Duration(root, Name) ?? TimeSpan.FromMinutes(30);
        return timeout >= TimeSpan.FromSeconds(1) ? timeout : throw Bad(root, Name, text!, "a duration of at least one second, hh:mm:ss, or -1 for no limit");
    }

    private static StartupException Bad(IConfiguration section, string name, string text, string expected)
    {
        var path = section is IConfigurationSection s ? s.Path.Replace(':', '.') + "." : "";
        return new StartupException($"{FileName}: {path}{name} is '{text}': {expected} is expected.");
    }
}
