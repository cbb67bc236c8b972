using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Webhooks;
using Pipeline.Messages;

namespace Pipeline.AzureFunctions;

/// <summary>
/// Ends the start with all errors of the settings. This is not part of the composition, because a host may add its own defaults until
/// it is built.
/// </summary>
internal sealed class SettingsCheck(PipelineBuilder pipeline, IConfiguration configuration, IServiceProvider services) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        List<string> errors = [.. ErrorsOf(configuration, pipeline), .. OptionSettings.Check(configuration, services)];
        return errors.Count == 0 ? Task.CompletedTask : throw new SettingsException(errors);
    }

    /// <summary>The errors of all settings but the options.</summary>
    internal static IReadOnlyList<string> ErrorsOf(IConfiguration configuration, PipelineBuilder pipeline)
    {
        var errors = PipelineSettings.Check(configuration, pipeline.Settings);
        try
        {
            WebhookSources.Read(configuration, pipeline.Definition.Consumers, MessageCatalog.Of(pipeline.Definition.Contracts, null));
            return errors;
        }
        catch (InvalidOperationException wrong)
        {
            return [.. errors, .. wrong.Message.Split('\n')];
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
