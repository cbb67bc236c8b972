using System.Text.RegularExpressions;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Templates;

/// <summary>docs/guide/your-own-application.md: the commands and the code that it shows.</summary>
internal static class OwnApplicationPage
{
    public static string Text { get; } = Repository.Text("docs/guide/your-own-application.md");

    /// <summary>Gets the files that it shows as a whole, by their paths, which are in their first lines.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = Regex
        .Matches(Text, "```csharp\n// (?<path>\\S+\\.cs)\n(?<code>.*?)```", RegexOptions.Singleline)
        .ToDictionary(m => m.Groups["path"].Value, m => m.Groups["code"].Value, StringComparer.Ordinal);

    /// <summary>Gets the code of which it shows only a part.</summary>
    public static IReadOnlyList<string> Parts { get; } =
        [.. Regex.Matches(Text, "```csharp\n(?!// \\S+\\.cs\n)(?<code>.*?)```", RegexOptions.Singleline).Select(m => m.Groups["code"].Value.TrimEnd())];

    /// <summary>Gets code as an application with another name and prefix has it.</summary>
    public static string For(string @namespace, string prefix, string code) =>
        Regex.Replace(code, @"^(?<keyword>using|namespace) Billing\.", $"${{keyword}} {@namespace}.", RegexOptions.Multiline).Replace("com.contoso", prefix, StringComparison.Ordinal);
}
