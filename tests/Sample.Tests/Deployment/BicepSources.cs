using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>The text of the Bicep files, for what is not in the templates that they compile to.</summary>
internal static partial class BicepSources
{
    /// <summary>Templates and parameter files, by their path under <c>infra-bicep</c>, with slashes.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Directory
        .EnumerateFiles(Repository.PathOf("infra-bicep"), "*.bicep*", SearchOption.AllDirectories)
        .Where(path => Path.GetExtension(path) is ".bicep" or ".bicepparam")
        .ToDictionary(path => Path.GetRelativePath(Repository.PathOf("infra-bicep"), path).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal);

    public static IReadOnlyList<string> Templates { get; } = [.. All.Keys.Where(name => name.EndsWith(".bicep", StringComparison.Ordinal)).Order()];

    public static IReadOnlyList<string> ParameterFiles { get; } = [.. All.Keys.Where(name => name.EndsWith(".bicepparam", StringComparison.Ordinal)).Order()];

    /// <summary>The environment variables that a parameter file reads, each with whether it can do without.</summary>
    public static IReadOnlyDictionary<string, bool> VariablesOf(string name) => ReadVariable().Matches(All[name])
        .ToDictionary(m => m.Groups["name"].Value, m => m.Groups["default"].Success, StringComparer.Ordinal);

    /// <summary>Those of all parameter files.</summary>
    public static IReadOnlySet<string> Variables { get; } = ParameterFiles.SelectMany(name => VariablesOf(name).Keys).ToHashSet();

    [GeneratedRegex(@"readEnvironmentVariable\('(?<name>\w+)'(?<default>,)?")]
    private static partial Regex ReadVariable();
}
