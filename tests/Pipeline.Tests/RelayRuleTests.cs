using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.BookingApp;
using Pipeline.Feeds;
using Pipeline.Local.ServiceBus;
using Pipeline.Outbox;

namespace Pipeline.Tests;

/// <summary>The rules of the relay, each on its own: what it is handed by the feed, and what reaches the broker in which order.</summary>
public sealed class RelayRuleTests : IAsyncLifetime
{
    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    private Container Bookings => _process.Container(Names.Bookings);

    private Relay Relay => _process.Relays.Single(r => r.Name == Names.Bookings);

    public async Task InitializeAsync()
    {
        _process = _simulation.Start();

        // Two records of one partition: BookingMade (1) and BookingCancelled (2).
        await _process.BookAsync("1", "g-1", ("a", 2));
        await _process.CancelAsync("b-1");
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G3_A_record_that_comes_before_its_predecessor_waits_until_the_partition_is_read_and_goes_second()
    {
        await Relay.OnFeedAsync([await RecordAsync(2)], default);
        Assert.Equal([1, 2], await PublishedAsync());
        Assert.Empty(await Invariants.AllAsync(Bookings, "outbox"));
    }

    [Fact]
    public async Task G3_Nothing_follows_a_record_whose_send_failed()
    {
        _simulation.Broker.OnSend = (_, _) => new ValueTask<SendFault>(
            SendFault.FailBeforeAccepting(new BrokerException("busy", BrokerFailure.ServiceBusy)));
        var both = new[] { await RecordAsync(1), await RecordAsync(2) };
        await Assert.ThrowsAsync<RelayStalledException>(() => Relay.OnFeedAsync(both, default));
        _simulation.Broker.OnSend = null;

        await Relay.OnFeedAsync([both[1]], default);

        Assert.Equal([1, 2], await PublishedAsync());
    }

    [Fact]
    public async Task G3_Nothing_follows_a_record_that_the_sweep_could_not_send()
    {
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        var failures = new RelayOptions().SendAttempts;
        _simulation.Broker.OnSend = (_, _) => new ValueTask<SendFault>(
            failures-- > 0 ? SendFault.FailBeforeAccepting(new BrokerException("busy", BrokerFailure.ServiceBusy)) : SendFault.None);
        await Relay.SweepAsync(default);
        Assert.Empty(await PublishedAsync());

        await Relay.SweepAsync(default);
        Assert.Equal([1, 2], await PublishedAsync());
    }

    [Fact]
    public async Task G5_A_topic_that_takes_nothing_does_not_stall_the_feed()
    {
        _simulation.Broker.OnSend = (_, _) => new ValueTask<SendFault>(
            SendFault.FailBeforeAccepting(new BrokerException("disabled", BrokerFailure.MessagingEntityDisabled)));
        await Relay.OnFeedAsync([await RecordAsync(1), await RecordAsync(2)], default);
        _simulation.Broker.OnSend = null;
        Assert.Equal(2, (await Invariants.AllAsync(Bookings, "outbox")).Count);

        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        await Relay.SweepAsync(default);
        Assert.Equal([1, 2], await PublishedAsync());
    }

    [Fact]
    public async Task G2_A_send_whose_answer_is_lost_is_repeated_and_dropped_as_a_duplicate()
    {
        var first = true;
        _simulation.Broker.OnSend = (_, _) =>
        {
            var fault = first ? SendFault.AcceptThenFail() : SendFault.None;
            first = false;
            return new ValueTask<SendFault>(fault);
        };
        await Relay.OnFeedAsync([await RecordAsync(1)], default);
        Assert.Equal([1], await PublishedAsync());
    }

    [Fact]
    public async Task G3_A_record_of_the_feed_that_another_instance_published_is_not_published_again()
    {
        var second = await RecordAsync(2);
        await using var other = _simulation.Start();
        await other.Relays.Single(r => r.Name == Names.Bookings).OnFeedAsync([await RecordAsync(1), second], default);
        Assert.Equal([1, 2], await PublishedAsync());

        await Relay.OnFeedAsync([second], default);

        Assert.Empty(await PublishedAsync());
        Assert.Empty(await Invariants.AllAsync(Bookings, "outbox"));
    }

    [Fact]
    public async Task G2_The_sweep_publishes_what_the_feed_never_delivered()
    {
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        await Relay.SweepAsync(default);
        Assert.Equal([1, 2], await PublishedAsync());
    }

    [Fact]
    public async Task G5_Documents_that_are_none_of_ours_are_passed_over()
    {
        JsonElement[] documents =
        [
            JsonDocument.Parse("17").RootElement,
            JsonDocument.Parse("{}").RootElement,
            JsonDocument.Parse("""{"pk":17,"kind":"outbox"}""").RootElement,
            JsonDocument.Parse("""{"pk":"x","kind":{"a":1}}""").RootElement,
            JsonDocument.Parse("""{"pk":"x","kind":"outbox"}""").RootElement,
            await RecordAsync(1),
        ];
        await Relay.OnFeedAsync(documents, default);
        Assert.Equal([1], await PublishedAsync());
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("last")]
    public async Task G2_G5_A_record_that_cannot_be_read_is_parked_and_what_follows_waits(string property)
    {
        var broken = System.Text.Json.Nodes.JsonNode.Parse((await RecordAsync(1)).GetRawText())!;
        broken[property] = "lost";
        using (var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(broken)))
            (await Bookings.ReplaceItemStreamAsync(body, "out:0000000000000000001", new PartitionKey("b-1"))).EnsureSuccessStatusCode();

        await Relay.OnFeedAsync([await RecordAsync(1), await RecordAsync(2)], default);
        await Relay.OnFeedAsync([await RecordAsync(2)], default);

        Assert.Empty(await PublishedAsync());
        var parked = Assert.Single((await QuarantinedMessages.ListAsync(_process.Store(Names.Bookings), new QuarantineFilter(), false, 10, null, default)).Items);
        Assert.Equal(("b-1", 1), (parked.Partition, parked.Number));
        Assert.Contains("cannot be read", parked.Reason);
    }

    private async Task<JsonElement> RecordAsync(long number) =>
        (await Invariants.AllAsync(Bookings, "outbox")).Single(r => r.GetProperty("first").GetInt64() == number);

    /// <summary>The numbers that arrived at one consumer since the last look, in the order of their arrival.</summary>
    private async Task<List<int>> PublishedAsync()
    {
        var numbers = new List<int>();
        if (_simulation.Broker.Counts("bookings/charges").Active == 0)
            return numbers;
        await using var session = await _process.Services.GetRequiredService<ServiceBusClient>().AcceptSessionAsync("bookings", "charges", "b-1");
        while (await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1)) is { } message)
        {
            numbers.Add(int.Parse(JsonDocument.Parse(message.Body).RootElement.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture));
            await session.CompleteMessageAsync(message);
        }

        return numbers;
    }
}
