using System.Text.RegularExpressions;
using Pipeline.Cli.Applications;

namespace Pipeline.Cli;

/// <summary>Words and formats of the output.</summary>
internal static partial class Wording
{
    private static readonly ToolName Name = ToolName.OfProcess(Clone.Root);

    // Of the command that runs: tests run several at a time.
    private static readonly AsyncLocal<Uri?> Address = new();

    /// <summary>Gets the name that this tool was called by, with the address of the pipeline if one was given.</summary>
    public static string Tool => Address.Value is { } url ? $"{Name} --url {url.AbsoluteUri.TrimEnd('/')}" : Name.ToString();

    /// <summary>Gets the command that starts the application of the current folder; <see langword="null"/> if there is none.</summary>
    public static string? StartCommand => Application.Current()?.Workspace is { } app ? Name.Run(app.PathOf(app.Functions)) : null;

    /// <summary>Adds the address to the hints of this command.</summary>
    public static void NameUrl(Uri? url) => Address.Value = url;

    /// <summary>The name of an event or command type without domain and version: <c>order-placed</c>.</summary>
    public static string ShortType(string? type)
    {
        if (string.IsNullOrEmpty(type))
            return "";

        var parts = type.Split('.');
        var last = parts[^1];
        var isVersion = parts.Length > 1 && last.Length > 1 && last[0] == 'v' && last.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
        return isVersion ? parts[^2] : last;
    }

    /// <summary>A state or status of the HTTP API in words: <c>waitingForRetry</c> is "waiting for retry".</summary>
    public static string State(string state) => state == "waitingForRetry" ? "waiting for retry" : state;

    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";

    public static string Number(long? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    public static string Plain(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    public static string Duration(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0} ms"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
        < 2 * 3600 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0.0} min"),
        < 48 * 3600 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalDays:0} days"),
    };

    public static string Money(decimal? amount, string? currency) =>
        amount is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{amount:0.00} {currency}").TrimEnd();

    /// <summary>Gets an error of the command line parser without C# type names.</summary>
    public static string WithoutTypeNames(string error) => ExpectedType().Replace(error, match => match.Groups["type"].Value switch
    {
        var type when type.Contains("Bool", StringComparison.Ordinal) => "as true or false",
        var type when type.Contains("Int", StringComparison.Ordinal) => "as a whole number",
        var type when type.Contains("Date", StringComparison.Ordinal) => "as a time",
        var type when type.Contains("File", StringComparison.Ordinal) => "as a file",
        var type when type.Contains("Double", StringComparison.Ordinal) || type.Contains("Decimal", StringComparison.Ordinal) => "as a number",
        _ => "as what it takes",
    });

    [GeneratedRegex(@"as expected type '?(?<type>System\.[^' ]*?)'?(?=\.?( |$))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExpectedType();

    public static string Count(long number, string one, string many) => $"{Number(number)} {(number == 1 ? one : many)}";
}
