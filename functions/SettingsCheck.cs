using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipeline.Consumers;
using Pipeline.Outbox;

namespace Pipeline.Functions;

/// <summary>
/// Ends the start with all errors of the settings. This is not part of the composition, because a host may add its own defaults until
/// it is built.
/// </summary>
internal sealed class SettingsCheck(IConfiguration configuration, IServiceProvider services) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var errors = AppSettings.Check(configuration);
        if (errors.Count > 0)
            throw new SettingsException(errors);

        // Made now, so that options out of their range end the start too.
        _ = services.GetRequiredService<ConsumerServices>();
        _ = services.GetRequiredService<RelayServices>();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
