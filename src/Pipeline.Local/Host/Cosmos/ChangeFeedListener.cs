using System.Net;
using System.Text;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

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

    // Those of the Azure host.
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(2);

    private readonly ILogger _log = services.Log(function);
    private Task _starting = Task.CompletedTask;
    private ChangeFeedProcessor? _feed;
    private FeedActivity? _activity;

    /// <summary>
    /// Starts to read. What may be over soon, such as an outage or throttling, does not keep the host from starting: as the Azure host
    /// does, it is tried again, after 2 seconds at first and every 2 minutes at last.
    /// </summary>
    /// <exception cref="StartupException">The feed cannot be read, and trying again would not help.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _activity = services.Watch.Activity?.JoinFeed(
            function.Name, trigger.Database, trigger.Container, $"{trigger.LeaseDatabase}/{trigger.LeaseContainer}/{trigger.LeasePrefix}");
        FeedActivity.Current = _activity;
        if (trigger.StartTime is null)
            _activity?.ReadFromNow();
        if (await TryStartAsync(cancellationToken))
            return;
        var work = services.Watch.Begin(function.Name, $"starts to read the {trigger.Description}");
        _starting = Task.Run(() => KeepStartingAsync(work), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _starting.WaitAsync(cancellationToken);
            if (_feed is not null)
                await _feed.StopAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Patience is over: the lease stays ours until it expires, and what runs is not checkpointed.
        }

        _activity?.Leave();
    }

    private async Task KeepStartingAsync(Work? work)
    {
        using var ends = work;
        var stopping = services.Shutdown.Stopping;
        try
        {
            for (var wait = _firstWait; ; wait = wait * 2 < _longestWait ? wait * 2 : _longestWait)
            {
                using (work?.WaitFor(new Wait(WaitKind.Time, "waits to try the change feed again", services.Time.GetUtcNow() + wait)))
                    await Task.Delay(wait, services.Time, stopping);
                if (!await TryStartAsync(stopping))
                    continue;
                _log.LogInformation("{Function}: the {Feed} is read now.", function.Name, trigger.Description);
                return;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (StartupException error)
        {
            _log.LogError("{Problem} The function does not run until the host is started again.", error.Message);
        }
    }

    /// <returns>False if it may work later.</returns>
    private async Task<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        string problem;
        try
        {
            var feed = await BuildAsync(cancellationToken);
            await feed.StartAsync().WaitAsync(cancellationToken);
            _feed = feed;
            return true;
        }
        catch (CosmosException error) when (IsTransient(error.StatusCode))
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"Cosmos DB answers {(int)error.StatusCode}, {error.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            problem = error.Message.TrimEnd('.');
        }
        catch (CosmosException error)
        {
            throw new StartupException($"{function.Name}: the {trigger.Description} cannot be read ({error.StatusCode}). {error.Message}", error);
        }

        _log.LogWarning("{Function}: the {Feed} cannot be read yet ({Problem}); it is tried again.", function.Name, trigger.Description, problem);
        return false;
    }

    private static bool IsTransient(HttpStatusCode status) => status
        is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.Gone or (HttpStatusCode)449 or >= HttpStatusCode.InternalServerError;

    private async Task<ChangeFeedProcessor> BuildAsync(CancellationToken cancellationToken)
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
        return (trigger.StartTime is { } start ? builder.WithStartTime(start) : builder).Build();
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
        var json = Encoding.UTF8.GetString(documents.Span);
        var input = services.Watch.Activity is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{ChangeReader.Count(documents.Span)} changes");
        try
        {
            return await services.Runner.RunWithRetriesAsync(
                function,
                retry => new JsonInvocation(function, json, input, cancellation) { Retry = retry },
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
