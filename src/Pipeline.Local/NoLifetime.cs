using Microsoft.Extensions.Hosting;

namespace Pipeline.Local;

/// <summary>Signals are the business of the process that this host is a part of.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
