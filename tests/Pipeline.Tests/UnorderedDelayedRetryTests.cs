using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Delayed retries of order-free consumers: each entry by itself, also of what Event Grid delivered.</summary>
public sealed class UnorderedDelayedRetryTests : IAsyncLifetime
{
    private readonly Simulation _simulation = new();
    private readonly AwayFigures _figures = new();
    private readonly AwayMails _mails = new();
    private SimulatedProcess _process = null!;

    public Task InitializeAsync()
    {
        _simulation.Configure = services =>
        {
            services.Replace(ServiceDescriptor.Singleton<IFigureSource>(_figures));
            services.Replace(ServiceDescriptor.Singleton<IMailGateway>(p => _mails.Over(
                new SimulatedMailGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways)))));
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
        _figures.Away = "b";
        var settlements = await Runner("statistics/reports").HandleBatchAsync([Updated("a", 1), Updated("b", 1), Updated("b", 2), Updated("c", 1)], default);

        Assert.Equal(
            [SettlementKind.Complete, SettlementKind.DeadLetter, SettlementKind.DeadLetter, SettlementKind.Complete], settlements.Select(s => s.Kind));
        var held = await OpenAsync(Names.Reports);
        Assert.All(held, e => Assert.Equal(("waitingForRetry", false, DeadLetterReasons.TransientFailure), (e.Status, e.InOrder, e.Reason)));
        Assert.Equal(2, held.Count);

        await _process.RunUntilNothingIsHeldAsync(_simulation.Clock.GetUtcNow() + TimeSpan.FromMinutes(5));
        Assert.All(await OpenAsync(Names.Reports), e => Assert.True(e.Retries > 0));
        _figures.Away = null;
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Empty(await OpenAsync(Names.Reports));
        Assert.Equal(4, (await Invariants.AllAsync(_process.Container(Names.Reports), RecordKinds.Inbox)).Count);
    }

    [Fact]
    public async Task What_Event_Grid_delivers_is_held_at_once_and_not_left_to_Event_Grid()
    {
        _mails.IsAway = true;
        var made = Deliveries.Of(
            new BookingMade("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1, time: _simulation.Clock.GetUtcNow(), deliveryCount: 0);

        Assert.Equal(SettlementKind.DeadLetter, (await Runner(Names.Mail).HandleAsync(made, default)).Kind);
        Assert.Equal("waitingForRetry", Assert.Single(await OpenAsync(Names.Mails)).Status);

        // Delivered again meanwhile, it changes nothing.
        Assert.Equal(SettlementKind.DeadLetter, (await Runner(Names.Mail).HandleAsync(made, default)).Kind);
        _mails.IsAway = false;
        await _process.RunUntilNothingIsHeldAsync();

        Assert.Empty(await OpenAsync(Names.Mails));
        Assert.Single(await _process.Services.GetRequiredService<IMailGateway>().FindAsync("b-1", default));
        Assert.Equal(SettlementKind.Complete, (await Runner(Names.Mail).HandleAsync(made, default)).Kind);
    }

    private ConsumerRunner Runner(string consumer) => _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer);

    private async Task<IReadOnlyList<DeadLetterDetails>> OpenAsync(string container) =>
        (await DeadLetterQueries.ListAsync(_process.Store(container), new DeadLetterFilter { Open = true }, 10, null, default)).Items;

    private ReceivedMessage Updated(string room, long number) =>
        Deliveries.Of(new FiguresChanged("2026-11-21", room, $"2026-11-21/{room}"), number, "statistics", _simulation.Clock.GetUtcNow());

    private sealed class AwayFigures : IFigureSource
    {
        public string? Away { get; set; }

        public Task<Figures> GetAsync(string link, CancellationToken cancellationToken)
        {
            var room = link.Split('/')[^1];
            return room == Away
                ? throw new HttpRequestException($"There are no figures of '{room}' now.")
                : Task.FromResult(new Figures("2026-11-21", room, 1, 1, new Dictionary<string, decimal>(), 100));
        }
    }

    private sealed class AwayMails : IMailGateway
    {
        private IMailGateway? _inner;

        public bool IsAway { get; set; }

        public AwayMails Over(IMailGateway inner)
        {
            _inner = inner;
            return this;
        }

        public Task<SentMail> SendAsync(string key, string bookingId, string to, CancellationToken cancellationToken) =>
            IsAway ? throw new TimeoutException("The mail server does not answer.") : _inner!.SendAsync(key, bookingId, to, cancellationToken);

        public Task<IReadOnlyList<SentMail>> FindAsync(string bookingId, CancellationToken cancellationToken) => _inner!.FindAsync(bookingId, cancellationToken);
    }
}
