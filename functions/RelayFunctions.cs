using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Replay;
using static Pipeline.Functions.Names;

namespace Pipeline.Functions;

/// <summary>
/// The outbox relay: one function on the change feed of each service's container, and the sweep. The retry is unbounded
/// because the host goes past a batch whose function threw; it only throws when nothing can be published at all.
/// </summary>
public sealed class RelayFunctions(Relays relays, ReplayCoordinator replays)
{
    /// <summary>Milliseconds between two looks at the feed; each costs about 1 RU per physical partition.</summary>
    private const int PollMilliseconds = 100;

    /// <summary>The same for services whose facts nobody is waiting for.</summary>
    private const int UnhurriedPollMilliseconds = 1000;

    /// <summary>How long a crashed instance's leases stay its own. The sweep covers the time until then.</summary>
    private const int LeaseExpirationMilliseconds = 20_000;
    private const int LeaseRenewMilliseconds = 6_000;
    private const int LeaseAcquireMilliseconds = 5_000;

    private const string FirstRetry = "00:00:01";
    private const string LongestRetry = "00:00:15";

    [Function("relay-ordering")]
    [ExponentialBackoffRetry(-1, FirstRetry, LongestRetry)]
    public Task Ordering(
        [CosmosDBTrigger(Database, Names.Ordering, Connection = Cosmos, LeaseContainerName = Leases, LeaseContainerPrefix = "relay-",
            FeedPollDelay = PollMilliseconds, LeaseExpirationInterval = LeaseExpirationMilliseconds, LeaseRenewInterval = LeaseRenewMilliseconds,
            LeaseAcquireInterval = LeaseAcquireMilliseconds, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync(Names.Ordering, documents, cancellationToken);

    [Function("relay-inventory")]
    [ExponentialBackoffRetry(-1, FirstRetry, LongestRetry)]
    public Task Inventory(
        [CosmosDBTrigger(Database, Names.Inventory, Connection = Cosmos, LeaseContainerName = Leases, LeaseContainerPrefix = "relay-",
            FeedPollDelay = PollMilliseconds, LeaseExpirationInterval = LeaseExpirationMilliseconds, LeaseRenewInterval = LeaseRenewMilliseconds,
            LeaseAcquireInterval = LeaseAcquireMilliseconds, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync(Names.Inventory, documents, cancellationToken);

    [Function("relay-payments")]
    [ExponentialBackoffRetry(-1, FirstRetry, LongestRetry)]
    public Task Payments(
        [CosmosDBTrigger(Database, Names.Payments, Connection = Cosmos, LeaseContainerName = Leases, LeaseContainerPrefix = "relay-",
            FeedPollDelay = PollMilliseconds, LeaseExpirationInterval = LeaseExpirationMilliseconds, LeaseRenewInterval = LeaseRenewMilliseconds,
            LeaseAcquireInterval = LeaseAcquireMilliseconds, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync(Names.Payments, documents, cancellationToken);

    [Function("relay-shipping")]
    [ExponentialBackoffRetry(-1, FirstRetry, LongestRetry)]
    public Task Shipping(
        [CosmosDBTrigger(Database, Names.Shipping, Connection = Cosmos, LeaseContainerName = Leases, LeaseContainerPrefix = "relay-",
            FeedPollDelay = PollMilliseconds, LeaseExpirationInterval = LeaseExpirationMilliseconds, LeaseRenewInterval = LeaseRenewMilliseconds,
            LeaseAcquireInterval = LeaseAcquireMilliseconds, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync(Names.Shipping, documents, cancellationToken);

    [Function("relay-notifications")]
    [ExponentialBackoffRetry(-1, FirstRetry, LongestRetry)]
    public Task Notifications(
        [CosmosDBTrigger(Database, Names.Notifications, Connection = Cosmos, LeaseContainerName = Leases, LeaseContainerPrefix = "relay-",
            FeedPollDelay = UnhurriedPollMilliseconds, LeaseExpirationInterval = LeaseExpirationMilliseconds, LeaseRenewInterval = LeaseRenewMilliseconds,
            LeaseAcquireInterval = LeaseAcquireMilliseconds, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync(Names.Notifications, documents, cancellationToken);

    [Function("relay-analytics")]
    [ExponentialBackoffRetry(-1, FirstRetry, LongestRetry)]
    public Task Analytics(
        [CosmosDBTrigger(Database, Names.Analytics, Connection = Cosmos, LeaseContainerName = Leases, LeaseContainerPrefix = "relay-",
            FeedPollDelay = UnhurriedPollMilliseconds, LeaseExpirationInterval = LeaseExpirationMilliseconds, LeaseRenewInterval = LeaseRenewMilliseconds,
            LeaseAcquireInterval = LeaseAcquireMilliseconds, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync(Names.Analytics, documents, cancellationToken);

    [Function("relay-reporting")]
    [ExponentialBackoffRetry(-1, FirstRetry, LongestRetry)]
    public Task Reporting(
        [CosmosDBTrigger(Database, Names.Reporting, Connection = Cosmos, LeaseContainerName = Leases, LeaseContainerPrefix = "relay-",
            FeedPollDelay = UnhurriedPollMilliseconds, LeaseExpirationInterval = LeaseExpirationMilliseconds, LeaseRenewInterval = LeaseRenewMilliseconds,
            LeaseAcquireInterval = LeaseAcquireMilliseconds, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) =>
        relays.OnFeedAsync(Names.Reporting, documents, cancellationToken);

    /// <summary>Finds what the feed missed: every five seconds, a few queries per container, 3 RU each where nothing is left behind.</summary>
    [Function("sweep")]
    public Task Sweep([TimerTrigger("*/5 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        Task.WhenAll(relays.All.Select(relay => relay.SweepAsync(cancellationToken)).Append(replays.SweepAsync(cancellationToken)));
}
