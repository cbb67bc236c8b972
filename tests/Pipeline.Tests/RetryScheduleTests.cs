using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>When delayed retries are due.</summary>
public sealed class RetryScheduleTests
{
    [Fact]
    public void Bounds_grow_by_the_factor_up_to_the_cap()
    {
        var schedule = new RetrySchedule { First = TimeSpan.FromSeconds(2), Factor = 3, Longest = TimeSpan.FromSeconds(30) };
        Assert.Equal([2, 6, 18, 30, 30], Enumerable.Range(1, 5).Select(n => schedule.BoundOf(n).TotalSeconds));
        Assert.Equal(30, schedule.BoundOf(1_000_000).TotalSeconds);
    }

    [Fact]
    public void The_default_goes_on_for_about_an_hour_and_none_has_no_retries()
    {
        var schedule = new RetrySchedule();
        var all = TimeSpan.FromTicks(Enumerable.Range(1, schedule.Attempts).Sum(n => schedule.BoundOf(n).Ticks));
        Assert.Equal(87, (int)all.TotalMinutes);
        Assert.Equal(0, RetrySchedule.None.Attempts);
    }

    [Fact]
    public void What_makes_no_schedule_is_refused_with_its_name()
    {
        Assert.Contains("Attempts", Assert.Throws<ArgumentOutOfRangeException>(() => new RetrySchedule { Attempts = -1 }).Message, StringComparison.Ordinal);
        Assert.Contains("First", Assert.Throws<ArgumentOutOfRangeException>(() => new RetrySchedule { First = TimeSpan.Zero }).Message, StringComparison.Ordinal);
        Assert.Contains("Factor", Assert.Throws<ArgumentOutOfRangeException>(() => new RetrySchedule { Factor = 0.5 }).Message, StringComparison.Ordinal);
        Assert.Contains("Longest", Assert.Throws<ArgumentOutOfRangeException>(() => new RetrySchedule { Longest = TimeSpan.FromDays(2) }).Message, StringComparison.Ordinal);
    }

    /// <summary>The cap, the jitter and the schedule of the consumer, in what is written.</summary>
    [Fact]
    public async Task Pauses_are_spread_between_nothing_and_their_bound()
    {
        await using var simulation = new Simulation();
        var gateway = new FailingGateway(failing: true) { IsPermanent = false };
        simulation.Configure = services =>
        {
            services.AddSingleton<IChargeGateway>(p => gateway.Over(
                new SimulatedChargeGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), simulation.Clock)));
            services.Replace(ServiceDescriptor.Singleton(new GatewayBreakerOptions { MinimumThroughput = 100_000 }));
            services.Replace(ServiceDescriptor.Singleton(new ConsumerOptions
            {
                AttemptsPerDelivery = 1,
                Retry = new RetrySchedule { First = TimeSpan.FromSeconds(4), Factor = 2, Longest = TimeSpan.FromSeconds(20), Attempts = 1000 },
            }));
        };
        await using var process = simulation.Start();
        var runners = process.Services.GetRequiredService<ConsumerRunners>();
        var runner = runners.RunnerOf("bookings/charges");
        await runners.RunnerOf("rooms/charges").HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), default);
        var message = Deliveries.Of(new BookingMade("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1);
        await runner.HandleAsync(message, default);

        var shares = new List<double>();
        for (var retry = 1; retry <= 60; retry++)
        {
            var entry = Assert.Single((await DeadLetterQueries.ListAsync(process.Store(Names.Charges), new DeadLetterFilter { Open = true }, 10, null, default)).Items);
            Assert.Equal(retry - 1, entry.Retries);
            var bound = Math.Min(20, 4 * Math.Pow(2, retry - 1));
            shares.Add((entry.RetryAt!.Value - simulation.Clock.GetUtcNow()).TotalSeconds / bound);
            await runner.HandleAsync(message.AsReplayOf(entry.Id, entry.Attempt), default);
        }

        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        Assert.InRange(shares.Average(), 0.35, 0.65);
        Assert.InRange(shares.Min(), 0, 0.2);
        Assert.InRange(shares.Max(), 0.8, 1);
    }

    [Fact]
    public void A_consumer_has_the_schedule_that_it_declares()
    {
        var schedule = new RetrySchedule { Attempts = 1 };
        var consumer = Consumer.Of("bookings/charges", "charges", Charge.Document);
        Assert.Null(consumer.RetrySchedule);
        Assert.Same(schedule, consumer.Retry(schedule).Unordered().RetrySchedule);
    }
}
