using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Cli;

/// <summary>Options and small steps that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print the pipeline's answer as JSON." };

    public static Option<string?> Consumer(string description) => new("--consumer") { Description = description, HelpName = "CONSUMER" };

    /// <summary>A whole number within bounds.</summary>
    public static Option<int> Number(string name, string description, int from, int to, int otherwise) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to)
                return number;

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {from} to {to}, not '{text}'."));
            return otherwise;
        },
    };

    /// <summary>Reads a document that was fetched as it is.</summary>
    public static T As<T>(this JsonElement document, JsonTypeInfo<T> type)
    {
        try
        {
            return document.Deserialize(type) ?? throw new CliFailure("The pipeline's answer is empty. Is it of the same version as this tool?");
        }
        catch (JsonException malformed)
        {
            throw new CliFailure(
                $"The pipeline's answer is not what this tool expects ({malformed.Message}). Is it of the same version? --json shows it as it is.",
                malformed);
        }
    }
}
