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

    public static string NewContainer() => Invariant($"tests-{Interlocked.Increment(ref _containers)}");
}

/// <summary>
/// Azurite, installed and listening before the first test of a class starts to wait for something: the first installation on a
/// machine takes as long as npm takes. An app that a test starts as a process of its own finds it installed.
/// </summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (AzuriteFactAttribute.CanRun)
            await SharedAzurite.Service.EnsureStartedAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>A test that needs Node.js and npm, in a class with <see cref="AzuriteFixture"/>. Everything else is tested without.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AzuriteFactAttribute : FactAttribute
{
    public AzuriteFactAttribute()
    {
        if (!CanRun)
            Skip = "Node.js and npm are not on the PATH.";
    }

    public static bool CanRun => Has("node") && Has("npm");

    private static bool Has(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, command)) || File.Exists(Path.Combine(folder, command + ".exe")));
}
