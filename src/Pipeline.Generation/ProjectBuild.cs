using System.Diagnostics;

namespace Pipeline.Generation;

/// <summary>Builds a project with the .NET SDK, without analyzers.</summary>
internal static class ProjectBuild
{
    /// <summary>Builds a project.</summary>
    /// <returns>The assembly, or what the build complained about.</returns>
    public static async Task<(string? Dll, string Output)> RunAsync(string project, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetDirectoryName(project)!,
        };
        string[] arguments =
            ["build", project, "-nologo", "-v", "q", "-clp:NoSummary", "-p:RunAnalyzers=false", "-t:Build", "-getProperty:TargetPath"];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        // Of the "dotnet run" that may have started the tool: they would be those of another project.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var build = Process.Start(start)!;
        var errors = build.StandardError.ReadToEndAsync(cancellationToken);
        var output = (await build.StandardOutput.ReadToEndAsync(cancellationToken)).Trim();
        await build.WaitForExitAsync(cancellationToken);
        return build.ExitCode == 0 ? (output.Split('\n')[^1].Trim(), output) : (null, $"{output}\n{await errors}".Trim());
    }
}
