using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Templates;

/// <summary>The template as <c>dotnet pack</c> packs it. Whether an application of it works is for TemplateTests.</summary>
public sealed class TemplatePackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-template-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The tool and the packages of a new application are those that were packed with its template.</summary>
    [Theory]
    [InlineData]
    [InlineData("-p:MinVerSkip=true", "-p:PackageVersion=1.2.3-given")]
    public async Task The_versions_inside_are_that_of_the_package(params string[] properties)
    {
        await PackAsync(properties);

        const string Begin = "Pipeline.Templates.";
        var package = Assert.Single(Directory.GetFiles(_folder, Begin + "*.nupkg"));
        var version = Path.GetFileNameWithoutExtension(package)[Begin.Length..];
        await using var archive = await ZipFile.OpenReadAsync(package);
        Assert.Contains($"\"version\": \"{version}\"", await TextAsync(archive, ".config/dotnet-tools.json"), StringComparison.Ordinal);
        Assert.Contains($"<PipelineVersion>{version}</PipelineVersion>", await TextAsync(archive, "Directory.Packages.props"), StringComparison.Ordinal);
        Assert.Equal(properties.Length > 0, version == "1.2.3-given");
    }

    private async Task PackAsync(string[] properties)
    {
        var configuration = typeof(TemplatePackageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Configuration").Value!;
        var start = new ProcessStartInfo("dotnet", ["pack", "src/Pipeline.Templates", "--no-build", "-c", configuration, "-o", _folder, "-v", "q", "-clp:NoSummary", .. properties])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };

        // Those of the test run are of another build.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var pack = Process.Start(start)!;
        var output = await pack.StandardOutput.ReadToEndAsync();
        await pack.WaitForExitAsync();
        Assert.True(pack.ExitCode == 0, output);
    }

    private static async Task<string> TextAsync(ZipArchive archive, string file)
    {
        using var reader = new StreamReader(await archive.GetEntry("content/pipeline/" + file)!.OpenAsync());
        return await reader.ReadToEndAsync();
    }
}
