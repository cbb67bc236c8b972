using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Contracts.Analytics;
using Pipeline.Contracts.Ordering;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Notifications;
using Pipeline.Services.Reporting;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Delayed retries of order-free consumers: each entry by itself, also of what Event Grid delivered.</summary>
public sealed class UnorderedDelayedRetryTests : IAsyncLifetime
{
    private readonly Simulation _simulation = new();
    private readonly AwaySales _sales = new();
    private readonly AwayEmail _email = new();
    private SimulatedProcess _process = null!;

    public Task InitializeAsync()
    {
        _simulation.Configure = services =>
        {
            services.Replace(ServiceDescriptor.Singleton<ISalesSource>(_sales));
            services.Replace(ServiceDescriptor.Singleton<IEmailGateway>(p => _email.Over(
                new SimulatedEmailGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), _simulation.Clock))));
        };
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G5_G6_Each_message_is_held_by_itself_and_the_others_go_on()
    {
        _sales.Away = "b";
        var settlements = await Runner("analytics/reporting").HandleBatchAsync([Updated("a", 1), Updated("b", 1), Updated("b", 2), Updated("c", 1)], default);

        Assert.Equal(
            [SettlementKind.Complete, SettlementKind.DeadLetter, SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        var held = await OpenAsync(Names.Reporting);
        Assert.All(held, e => Assert.Equal(("waitingForRetry", false, DeadLetterReasons.TransientFailure), (e.Status, e.InOrder, e.Reason)));
        Assert.Equal(2, held.Count);

        await _process.RunUntilNothingIsHeldAsync(_simulation.Clock.GetUtcNow() + TimeSpan.FromMinutes(5));
        Assert.All(await OpenAsync(Names.Reporting), e => Assert.True(e.Retries > 0));
        _sales.Away = null;
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Empty(await OpenAsync(Names.Reporting));
        Assert.Equal(4, (await Invariants.AllAsync(_process.Container(Names.Reporting), RecordKinds.Inbox)).Count);
    }

    [Fact]
    public async Task What_Event_Grid_delivers_is_held_at_once_and_not_left_to_Event_Grid()
    {
        _email.IsAway = true;
        var placed = Deliveries.Of(
            new OrderPlaced("o-1", "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]), 1, time: _simulation.Clock.GetUtcNow(), deliveryCount: 0);

        Assert.Equal(SettlementKind.DeadLetter, (await Runner(Names.Notify).HandleAsync(placed, default)).Kind);
        Assert.Equal("waitingForRetry", Assert.Single(await OpenAsync(Names.Notifications)).Status);

        // Delivered again meanwhile, it changes nothing.
        Assert.Equal(SettlementKind.DeadLetter, (await Runner(Names.Notify).HandleAsync(placed, default)).Kind);
        _email.IsAway = false;
        await _process.RunUntilNothingIsHeldAsync();

        Assert.Empty(await OpenAsync(Names.Notifications));
        Assert.Single(await _process.Services.GetRequiredService<IEmailGateway>().FindAsync("o-1", default));
        Assert.Equal(SettlementKind.Complete, (await Runner(Names.Notify).HandleAsync(placed, default)).Kind);
    }

    private ConsumerRunner Runner(string consumer) => _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer);

    private async Task<IReadOnlyList<DeadLetterDetails>> OpenAsync(string container) =>
        (await DeadLetterQueries.ListAsync(_process.Store(container), new DeadLetterFilter { Open = true }, 10, null, default)).Items;

    private ReceivedMessage Updated(string sku, long number) =>
        Deliveries.Of(new SalesUpdated("2026-11-21", sku, $"api/sales/2026-11-21/{sku}"), number, "analytics", _simulation.Clock.GetUtcNow());

    private sealed class AwaySales : ISalesSource
    {
        public string? Away { get; set; }

        public Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken)
        {
            var sku = link.Split('/')[^1];
            return sku == Away
                ? throw new HttpRequestException($"There are no figures of '{sku}' now.")
                : Task.FromResult(new SalesFigures("2026-11-21", sku, 1, 1, new Dictionary<string, decimal>(), 100));
        }
    }

    private sealed class AwayEmail : IEmailGateway
    {
        private IEmailGateway? _inner;

        public bool IsAway { get; set; }

        public AwayEmail Over(IEmailGateway inner)
        {
            _inner = inner;
            return this;
        }

        public Task<SentEmail> SendAsync(string key, string orderId, string to, string subject, CancellationToken cancellationToken) =>
            IsAway ? throw new TimeoutException("The mail server does not answer.") : _inner!.SendAsync(key, orderId, to, subject, cancellationToken);

        public Task<IReadOnlyList<SentEmail>> FindAsync(string orderId, CancellationToken cancellationToken) => _inner!.FindAsync(orderId, cancellationToken);
    }
}
