using System.CommandLine;

namespace Pipeline.Cli;

/// <summary>
/// <c>--key</c>, or the environment variable. It has no default value, because help prints default values, and a key
/// must not be printed.
/// </summary>
internal sealed class FunctionKeyOption(string? environmentKey)
{
    public const string EnvironmentVariable = "PIPELINE_KEY";

    private const int Longest = 1024;

    public Option<string?> Option { get; } = new("--key")
    {
        Description = $"Function key, if the pipeline requires one. Prefer the environment variable {EnvironmentVariable}: "
            + "arguments are visible in the list of processes.",
        HelpName = "KEY",
        Recursive = true,
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value.Trim() : "";
            if (IsKey(text))
                return text;

            result.AddError("--key takes 1 to 1024 printable characters without spaces.");
            return null;
        },
    };

    /// <exception cref="CliFailure">The environment variable holds no key.</exception>
    public string? Of(ParseResult parsed)
    {
        if (parsed.GetValue(Option) is { } given)
            return given;

        var text = environmentKey?.Trim() ?? "";
        return text.Length == 0 ? null
            : IsKey(text) ? text
            : throw new CliFailure($"{EnvironmentVariable} is not a function key: a key has 1 to {Longest} printable characters without spaces.");
    }

    private static bool IsKey(string text) => text.Length is > 0 and <= Longest && text.All(c => c is > ' ' and <= '~');
}
