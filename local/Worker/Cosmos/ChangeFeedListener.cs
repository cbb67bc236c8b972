using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Worker;

/// <summary>
/// Runs a function for every page of a container's change feed, by the SDK's own change feed processor. A page whose
/// function failed, its retries included, is skipped: the Azure host checkpoints it, and so does this.
/// </summary>
internal sealed class ChangeFeedListener(HostedFunction function, CosmosFunctionTrigger trigger, ListenerServices services)
    : ITriggerListener
{
    // On a watched platform changes wake the reader, and instances that come and go are noticed soon.
    private static readonly TimeSpan _pollIfWoken = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _acquireIfWatched = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = services.Log(function);
    private ChangeFeedProcessor? _feed;
    private FeedActivity? _activity;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var leases = await LeasesAsync(cancellationToken);
        var builder = services.Cosmos(trigger.ConnectionString)
            .GetContainer(trigger.Database, trigger.Container)
            .GetChangeFeedProcessorBuilder(trigger.LeasePrefix, (_, page, token) => HandleAsync(page, token))
            .WithLeaseContainer(leases)
            .WithInstanceName(services.HostName)
            .WithPollInterval(services.Watch.Activity is null ? trigger.Poll : _pollIfWoken)
            .WithLeaseConfiguration(services.Watch.Activity is null ? trigger.Acquire : Shorter(trigger.Acquire), trigger.Expiration, trigger.Renew)
            .WithErrorNotification(OnErrorAsync);
        if (trigger.MaxItems > 0)
            builder = builder.WithMaxItems(trigger.MaxItems);
        if (trigger.StartTime is { } start)
            builder = builder.WithStartTime(start);
        _feed = builder.Build();
        _activity = services.Watch.Activity?.JoinFeed(
            function.Name, trigger.Database, trigger.Container, $"{trigger.LeaseDatabase}/{trigger.LeaseContainer}/{trigger.LeasePrefix}");
        FeedActivity.Current = _activity;
        if (trigger.StartTime is null)
            _activity?.ReadFromNow();
        try
        {
            await _feed.StartAsync().WaitAsync(cancellationToken);
        }
        catch (CosmosException error)
        {
            throw new StartupException($"{function.Name}: {trigger.Description} cannot be read ({error.StatusCode}). {error.Message}", error);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_feed is null)
            return;
        try
        {
            await _feed.StopAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Patience is over: the lease stays ours until it expires, and what runs is not checkpointed.
        }

        _activity?.Leave();
    }

    private static TimeSpan Shorter(TimeSpan interval) => interval < _acquireIfWatched ? interval : _acquireIfWatched;

    private async Task<Container> LeasesAsync(CancellationToken cancellationToken)
    {
        var database = services.Cosmos(trigger.LeaseConnectionString).GetDatabase(trigger.LeaseDatabase);
        if (trigger.CreatesLeaseContainer)
            await database.CreateContainerIfNotExistsAsync(trigger.LeaseContainer, "/id", cancellationToken: cancellationToken);
        return database.GetContainer(trigger.LeaseContainer);
    }

    private async Task HandleAsync(Stream page, CancellationToken feedToken)
    {
        using var work = services.Watch.Begin(function.Name, "handles changes", _activity);
        Work.Current = work;
        var documents = await ChangeReader.DocumentsAsync(page, feedToken);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(services.Shutdown.Cancelled);

        // The feed's token is set when the lease is lost, and also as soon as the host stops; a stopping host
        // leaves its invocations their grace period.
        await using var registration = feedToken.Register(() =>
        {
            if (!services.Shutdown.Stopping.IsCancellationRequested)
                cancellation.Cancel();
        });
        if (!await RunAsync(documents, cancellation.Token, feedToken))
            _log.LogError("{Function}: a batch of changes of {Container} is skipped, as Azure would.", function.Name, trigger.Container);
    }

    private async Task<bool> RunAsync(ReadOnlyMemory<byte> documents, CancellationToken cancellation, CancellationToken feedToken)
    {
        try
        {
            return await services.Runner.RunWithRetriesAsync(
                function,
                retry => new Invocation(function, trigger.Read(documents), cancellation) { Retry = retry },
                feedToken,
                Work.Current);
        }
        catch (OperationCanceledException)
        {
            // The host stops. Until the processor has been told so too, it would take this for a failure of the
            // function, and let go of the lease on its own, after the stop has stopped waiting for that.
            await Task.Delay(Timeout.Infinite, feedToken);
            throw;
        }
    }

    private Task OnErrorAsync(string leaseToken, Exception error)
    {
        if (error is not OperationCanceledException && !services.Shutdown.Stopping.IsCancellationRequested)
            _log.LogWarning("The {Feed} could not be read, and is read again: {Problem}", trigger.Description, error.Message);
        return Task.CompletedTask;
    }
}
