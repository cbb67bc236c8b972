using System.Diagnostics;
using Microsoft.Azure.Cosmos;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests.Hosting;

/// <summary>What is kept is for its owner only.</summary>
public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnDirectory = OwnFile | UnixFileMode.UserExecute;
    private const UnixFileMode Everybody = OwnDirectory | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("private-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Data_directory_and_all_in_it_are_the_owners_whether_they_are_new_or_were_there()
    {
        if (OperatingSystem.IsWindows())
            return;
        var directory = Path.Combine(_root.FullName, "data");
        var names = await FillAsync(directory);
        CheckModes(directory);
        Assert.Superset(new HashSet<string> { "lock", "cosmos.journal", "cosmos.index", "servicebus.journal", "eventgrid.journal", HostKeys.FileName, "timers.json" }, names);

        File.SetUnixFileMode(directory, Everybody);
        foreach (var file in Directory.EnumerateFiles(directory))
            File.SetUnixFileMode(file, OwnFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await FillAsync(directory);
    }

    [Fact]
    public void Directory_that_users_share_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(_root.FullName, Everybody | UnixFileMode.StickyBit);
        PrivateFiles.CreateDirectory(_root.FullName);
        Assert.Equal(Everybody | UnixFileMode.StickyBit, File.GetUnixFileMode(_root.FullName));
        using var file = PrivateFiles.Open(Path.Combine(_root.FullName, "f"), FileMode.Create, FileAccess.Write, FileShare.None);
        Assert.Equal(OwnFile, File.GetUnixFileMode(file.SafeFileHandle));
    }

    [Fact]
    public async Task Folder_of_the_blobs_and_all_in_it_are_the_owners_whether_they_are_new_or_were_there()
    {
        if (OperatingSystem.IsWindows())
            return;
        var old = _root.CreateSubdirectory("blobs").CreateSubdirectory("old");
        File.WriteAllText(Path.Combine(old.FullName, "blob"), "");
        File.SetUnixFileMode(old.FullName, Everybody);
        File.SetUnixFileMode(old.Parent!.FullName, Everybody);
        File.SetUnixFileMode(Path.Combine(old.FullName, "blob"), OwnFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        // In place of Azurite: writes as it does, with the mode that the process has.
        var main = Path.Combine(_root.FullName, "main.js");
        File.WriteAllText(main, "const fs = require('fs'); fs.mkdirSync(process.argv[2] + '/new'); fs.writeFileSync(process.argv[2] + '/new/blob', ''); process.exit(0);");
        using var node = Process.Start("node", [Path.Combine(AppContext.BaseDirectory, "azurite", "azurite.js"), main, old.Parent.FullName, old.Parent.FullName]);
        await node.WaitForExitAsync();
        Assert.Equal(0, node.ExitCode);
        foreach (var folder in new[] { old.Parent.FullName, old.FullName, Path.Combine(old.Parent.FullName, "new") })
            CheckModes(folder);
        Assert.True(File.Exists(Path.Combine(old.Parent.FullName, "new", "blob")));
    }

    /// <summary>Opens a platform, has every store write, and looks while everything is open.</summary>
    private static async Task<HashSet<string>> FillAsync(string directory)
    {
        await using var platform = TestPlatform.Open(directory: directory);
        _ = platform.Keys;
        platform.Timers.Keep("f", new TimerStatus());
        using var client = new CosmosClient(platform.CosmosConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(platform.CreateCosmosHandler()),
        });
        await client.GetContainer("db", "items").UpsertItemAsync(Doc("p", "a"), new PartitionKey("p"));
        await platform.SendAsync("plain", null, "x");
        return CheckModes(directory);
    }

    private static HashSet<string> CheckModes(string directory)
    {
        if (OperatingSystem.IsWindows())
            return [];
        Assert.Equal(OwnDirectory, File.GetUnixFileMode(directory));
        var files = Directory.GetFiles(directory);
        foreach (var file in files)
            Assert.Equal((file, OwnFile), (file, File.GetUnixFileMode(file)));
        return [.. files.Select(file => Path.GetFileName(file)!)];
    }
}
