using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.BookingApp;
using Pipeline.Feeds;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Event Grid is a leg of its own: whatever happens to it holds nothing else back, and it loses nothing.</summary>
public sealed class EventGridLegTests : IAsyncLifetime
{
    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    private Container Bookings => _process.Container(Names.Bookings);

    private Relay Relay => _process.Relays.Single(r => r.Name == Names.Bookings);

    public Task InitializeAsync()
    {
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G2_An_outage_for_the_whole_run_holds_no_booking_up_and_every_public_fact_comes_afterwards_once()
    {
        var attempts = 0;
        _simulation.EventGrid.OnPublish = _ =>
        {
            attempts++;
            throw new HttpRequestException("Event Grid is down.");
        };
        await _process.SetRoomsAsync("a", 1000);
        for (var i = 0; i < 20; i++)
            await _process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
        await _process.RunUntilQuietAsync();

        var bookings = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _process.Bookings.ReadAsync(Invariant($"b-{i}"), default)));
        Assert.All(bookings, o => Assert.Equal(BookingStatus.Completed, o.State!.Status));
        var waiting = await PublicRecordsAsync();
        Assert.Equal(60, waiting.Count); // Made, completed, key issued.
        Assert.All(waiting, r => Assert.True(r.TryGetProperty("sent", out _)));
        Assert.InRange(attempts, 1, 20); // Per relay one attempt by the feed, then one per sweep: not one per record.

        _simulation.EventGrid.OnPublish = null;
        await _process.RunUntilQuietAsync();

        Assert.Empty(await PublicRecordsAsync());
        Assert.Equal(80, _simulation.EventGrid.Taken.Count); // Made in two versions.
        Assert.Equal(80, _simulation.EventGrid.Taken.Distinct().Count());
    }

    [Fact]
    public async Task G5_A_fact_that_Event_Grid_refuses_is_parked_for_Event_Grid_only_and_can_be_resumed()
    {
        _simulation.EventGrid.OnPublish = events =>
        {
            if (events.Any(e => e.Subject == "b-1" && e.Type.Contains("made", StringComparison.Ordinal)))
                throw new MessageRefusedException("Event Grid answered 400.");
        };
        await _process.SetRoomsAsync("a", 10);
        await _process.BookAsync("1", "g-1", ("a", 1));
        await _process.BookAsync("2", "g-1", ("a", 1));
        await _process.RunUntilQuietAsync();

        var parked = Assert.Single((await QuarantinedMessages.ListAsync(_process.Store(Names.Bookings), new QuarantineFilter(), false, 10, null, default)).Items);
        Assert.Equal(("b-1", 1), (parked.Partition, parked.Number));
        Assert.Contains("400", parked.Reason);
        Assert.Equal(BookingStatus.Completed, (await _process.Bookings.ReadAsync("b-1", default)).State!.Status);
        Assert.DoesNotContain("bookings:b-1:1", _simulation.EventGrid.Taken);
        Assert.Equal(6, _simulation.EventGrid.Taken.Distinct().Count()); // The later ones of b-1, and all of b-2, made in two versions.

        // Service Bus has it: neither are its followers read behind it, by whatever instance, nor is it sent there again.
        Assert.True(Assert.Single(await PublicRecordsAsync()).TryGetProperty("sent", out _));
        _simulation.EventGrid.OnPublish = null;
        Assert.True(await QuarantinedMessages.ReleaseAsync(_process.Store(Names.Bookings), new Partition("b-1"), 1, default));
        Assert.True(Assert.Single(await PublicRecordsAsync()).TryGetProperty("sent", out _));
        await _process.RunUntilQuietAsync();
        Assert.Contains("bookings:b-1:1", _simulation.EventGrid.Taken);
        Assert.Empty(await PublicRecordsAsync());
    }

    [Fact]
    public async Task G3_A_partition_with_more_than_a_page_of_records_is_drained_while_Event_Grid_is_down()
    {
        const int count = 120;
        await _process.BookAsync("1", "g-1", ("a", 1));
        var record = Assert.Single(await Invariants.AllAsync(Bookings, "outbox"));
        for (var number = 2; number <= count; number++)
            await CopyAsync(record, number);
        _simulation.EventGrid.OnPublish = _ => throw new HttpRequestException("Event Grid is down.");

        var last = (await Invariants.AllAsync(Bookings, "outbox")).Single(r => r.GetProperty("first").GetInt64() == count);
        await Relay.OnFeedAsync([last], default);

        Assert.Equal(Enumerable.Range(1, count), await ArrivedAsync());
        Assert.Equal(count, (await PublicRecordsAsync()).Count(r => r.TryGetProperty("sent", out _)));
    }

    [Fact]
    public async Task G2_A_request_that_never_ends_is_given_up_and_Service_Bus_had_its_messages_before()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        var arrived = 0L;
        _simulation.EventGrid.OnPublish = _ =>
        {
            arrived = _simulation.Broker.Counts("bookings/charges").Active;
            throw new TaskCanceledException("As when the patience is over.");
        };
        await Relay.OnFeedAsync(await Invariants.AllAsync(Bookings, "outbox"), default);

        Assert.Equal(1, arrived);
        Assert.True(Assert.Single(await PublicRecordsAsync()).TryGetProperty("sent", out _));
    }

    [Fact]
    public async Task G2_A_record_whose_facts_are_more_than_one_request_takes_goes_in_several()
    {
        // Seven facts of 180 KB each: Event Grid takes 1 MB a request, and each fact by itself fits.
        var note = new string('n', 180_000);
        var sizes = new List<int>();
        _simulation.EventGrid.OnPublish = events =>
        {
            sizes.Add(events.Sum(e => JsonSerializer.SerializeToUtf8Bytes(e).Length));
            if (sizes[^1] > 1_000_000)
                throw new MessageRefusedException("Event Grid answered 413.");
        };
        await _process.BookAsync("1", "g-1", ("a", 1));
        var record = Assert.Single(await Invariants.AllAsync(Bookings, "outbox"));
        await WithManyFactsAsync(record, 7, note);

        await Relay.OnFeedAsync(await Invariants.AllAsync(Bookings, "outbox"), default);

        Assert.Empty(await PublicRecordsAsync());
        Assert.Equal(Enumerable.Range(1, 7).Select(n => Invariant($"bookings:b-1:{n}")), _simulation.EventGrid.Taken.Where(id => !id.EndsWith(".v1", StringComparison.Ordinal)));
        Assert.Equal(2, sizes.Count);
    }

    [Fact]
    public async Task G5_A_topic_that_is_down_is_asked_once_per_sweep_however_much_waits()
    {
        var attempts = 0;
        _simulation.EventGrid.OnPublish = _ =>
        {
            attempts++;
            throw new HttpRequestException("Event Grid is down.");
        };
        for (var i = 1; i <= 8; i++)
        {
            await _process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
            await WithManyFactsAsync((await Invariants.AllAsync(Bookings, "outbox")).Single(r => r.GetProperty("pk").GetString() == Invariant($"b-{i}")), 3, new string('n', 180_000));
        }

        await Relay.OnFeedAsync(await Invariants.AllAsync(Bookings, "outbox"), default);
        attempts = 0;
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        await Relay.SweepAsync(default);
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task G5_A_topic_that_goes_down_behind_a_refusal_is_not_asked_for_every_record()
    {
        var attempts = 0;
        for (var i = 1; i <= 8; i++)
            await _process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
        _simulation.EventGrid.OnPublish = events =>
        {
            attempts++;
            throw events.DistinctBy(e => e.Subject).Count() > 1 ? new MessageRefusedException("Event Grid answered 400.") : new HttpRequestException("Event Grid is down.");
        };
        await Relay.OnFeedAsync(await Invariants.AllAsync(Bookings, "outbox"), default);
        Assert.Equal(2, attempts);
        Assert.All(await PublicRecordsAsync(), r => Assert.False(r.TryGetProperty("parked", out _)));
    }

    [Fact]
    public async Task G5_A_slow_topic_is_left_to_the_sweep_and_holds_the_feed_up_once()
    {
        var attempts = 0;
        _simulation.EventGrid.OnPublish = _ =>
        {
            attempts++;
            _simulation.Clock.Advance(TimeSpan.FromSeconds(2.5));
        };
        for (var i = 1; i <= 5; i++)
        {
            await _process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
            await Relay.OnFeedAsync(await Invariants.AllAsync(Bookings, "outbox"), default);
        }

        Assert.Equal(1, attempts);
        Assert.Equal(4, (await PublicRecordsAsync()).Count);
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        await Relay.SweepAsync(default);
        Assert.Empty(await PublicRecordsAsync());
    }

    private async Task<List<JsonElement>> PublicRecordsAsync()
    {
        var all = new List<JsonElement>();
        foreach (var container in Invariants.Containers)
            all.AddRange(await Invariants.AllAsync(_process.Container(container), "outbox"));
        return all;
    }

    /// <summary>The record once more, under another number.</summary>
    private async Task CopyAsync(JsonElement record, int number)
    {
        var copy = JsonNode.Parse(record.GetRawText())!.AsObject();
        copy["id"] = Invariant($"out:{number:D19}");
        copy["first"] = number;
        copy["last"] = number;
        var message = copy["messages"]![0]!;
        message["number"] = number;
        message["event"]!["id"] = Invariant($"bookings:b-1:{number}");
        message["event"]!["sequence"] = Invariant($"{number:D19}");
        foreach (var name in copy.Select(p => p.Key).Where(k => k.StartsWith('_')).ToList())
            copy.Remove(name);
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(copy));
        (await Bookings.CreateItemStreamAsync(body, new PartitionKey("b-1"))).EnsureSuccessStatusCode();
    }

    /// <summary>Makes the one fact of a record many, and large ones.</summary>
    private async Task WithManyFactsAsync(JsonElement record, int count, string note)
    {
        var changed = JsonNode.Parse(record.GetRawText())!.AsObject();
        var partition = changed["pk"]!.GetValue<string>();
        var messages = changed["messages"]!.AsArray();
        messages[0]!["event"]!["data"]!["note"] = note;
        for (var number = 2; number <= count; number++)
        {
            var message = messages[0]!.DeepClone();
            message["number"] = number;
            message["event"]!["id"] = Invariant($"bookings:{partition}:{number}");
            message["event"]!["sequence"] = Invariant($"{number:D19}");
            messages.Add(message);
        }

        changed["last"] = count;
        foreach (var name in changed.Select(p => p.Key).Where(k => k.StartsWith('_')).ToList())
            changed.Remove(name);
        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(changed));
        (await Bookings.ReplaceItemStreamAsync(body, changed["id"]!.GetValue<string>(), new PartitionKey(partition))).EnsureSuccessStatusCode();
    }

    private async Task<List<int>> ArrivedAsync()
    {
        var numbers = new List<int>();
        await using var session = await _process.Services.GetRequiredService<ServiceBusClient>().AcceptSessionAsync("bookings", "charges", "b-1");
        while (await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1)) is { } message)
        {
            numbers.Add(int.Parse(JsonDocument.Parse(message.Body).RootElement.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture));
            await session.CompleteMessageAsync(message);
        }

        return numbers;
    }
}
