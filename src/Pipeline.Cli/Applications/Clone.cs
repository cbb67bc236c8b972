namespace Pipeline.Cli.Applications;

/// <summary>The clone that this tool runs from, if it is not installed.</summary>
internal static class Clone
{
    /// <summary>Gets its folder; <see langword="null"/> for an installed tool.</summary>
    public static string? Root { get; } = Find(AppContext.BaseDirectory);

    private static string? Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "src", "Pipeline.Cli", "Pipeline.Cli.csproj")))
                return folder.FullName;
        }

        return null;
    }
}
