using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Storage;

namespace Pipeline.Tests;

/// <summary>
/// One Azurite for the whole run, started by the first test that stores a blob. It keeps nothing and ends with this
/// process. Tests take containers of their own.
/// </summary>
internal static class SharedAzurite
{
    public static BlobService Service { get; } = new(
        BlobConnection.Of("blobs.tests.local"),
        AzuriteStart.OnDemand,
        port: 0,
        location: null,
        AzuriteInstallation.OfApp(NullLogger.Instance),
        TimeProvider.System,
        NullLogger.Instance);

    private static int _containers;

    public static string NewContainer() => $"tests-{Interlocked.Increment(ref _containers)}";
}

/// <summary>A test that needs Node.js and npm. Everything else is tested without.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AzuriteFactAttribute : FactAttribute
{
    public AzuriteFactAttribute()
    {
        if (!Has("node") || !Has("npm"))
            Skip = "Node.js and npm are not on the PATH.";
    }

    private static bool Has(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, command)) || File.Exists(Path.Combine(folder, command + ".exe")));
}
