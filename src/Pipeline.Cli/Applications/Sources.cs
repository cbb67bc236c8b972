namespace Pipeline.Cli.Applications;

/// <summary>When the sources of an application were changed, to know whether what was built of them is older.</summary>
internal static class Sources
{
    private static readonly string[] Left = ["bin", "obj", "node_modules"];

    /// <summary>Gets when the newest of some files of a folder was changed, without what builds leave there.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <param name="patterns">Which files, such as <c>*.cs</c>.</param>
    public static DateTime NewestIn(string folder, params ReadOnlySpan<string> patterns)
    {
        var newest = DateTime.MinValue;
        if (!Directory.Exists(folder))
            return newest;
        foreach (var pattern in patterns)
            newest = Later(newest, NewestOf(Directory.EnumerateFiles(folder, pattern)));
        foreach (var below in Directory.EnumerateDirectories(folder).Where(f => !Left.Contains(Path.GetFileName(f), StringComparer.Ordinal)))
            newest = Later(newest, NewestIn(below, patterns));
        return newest;
    }

    /// <summary>Gets when the newest of some files was changed.</summary>
    public static DateTime NewestOf(IEnumerable<string> files) => files.Where(File.Exists).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(DateTime.MinValue).Max();

    /// <summary>Gets the later one.</summary>
    public static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;
}
