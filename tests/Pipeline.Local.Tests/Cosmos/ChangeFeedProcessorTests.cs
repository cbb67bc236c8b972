using System.Collections.Concurrent;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>The SDK's change feed processor with a lease container, as the Cosmos DB trigger uses it.</summary>
public sealed class ChangeFeedProcessorTests : IDisposable
{
    private readonly LocalCosmos _cosmos = new();
    private readonly ConcurrentQueue<(string Instance, string Id)> _seen = new();

    public void Dispose() => _cosmos.Dispose();

    [Fact]
    public async Task Delivers_everything_and_goes_on_after_a_restart()
    {
        await _cosmos.CreateAsync("p", "before");
        var processor = Build("one");
        await processor.StartAsync();
        for (var i = 0; i < 20; i++)
            await _cosmos.CreateAsync(Invariant($"p{i}"), Invariant($"{i}"));
        await UntilSeenAsync(21);
        await processor.StopAsync();

        await _cosmos.CreateAsync("p", "between");
        _seen.Clear();
        processor = Build("one");
        await processor.StartAsync();
        await UntilSeenAsync(1);
        await processor.StopAsync();
        Assert.Equal("between", Assert.Single(_seen).Id);
    }

    [Fact]
    public async Task Throwing_handler_gets_the_batch_again()
    {
        var failures = 2;
        var processor = Build("one", () => Interlocked.Decrement(ref failures) >= 0);
        await processor.StartAsync();
        await _cosmos.CreateAsync("p", "a");
        await UntilSeenAsync(1);
        await processor.StopAsync();
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task Of_two_instances_one_owns_the_range_and_the_other_takes_over()
    {
        var one = Build("one");
        await one.StartAsync();
        await _cosmos.CreateAsync("p", "first");
        await UntilSeenAsync(1);
        var two = Build("two");
        await two.StartAsync();
        for (var i = 0; i < 10; i++)
            await _cosmos.CreateAsync("p", Invariant($"{i}"));
        await UntilSeenAsync(11);
        Assert.Equal(11, _seen.DistinctBy(seen => seen.Id).Count());
        var owner = _seen.Last().Instance;

        await (owner == "one" ? one : two).StopAsync();
        await _cosmos.CreateAsync("p", "after");
        await UntilAsync(() => _seen.Any(seen => seen.Id == "after"), "the other instance to take over");
        Assert.NotEqual(owner, _seen.First(seen => seen.Id == "after").Instance);
        await (owner == "one" ? two : one).StopAsync();
    }

    [Fact]
    public async Task Two_processors_with_their_own_prefixes_each_see_everything()
    {
        var one = Build("one", prefix: "a-");
        var two = Build("two", prefix: "b-");
        await Task.WhenAll(one.StartAsync(), two.StartAsync());
        for (var i = 0; i < 5; i++)
            await _cosmos.CreateAsync("p", Invariant($"{i}"));
        await UntilAsync(() => _seen.Distinct().Count() == 10, "both to see all");
        await Task.WhenAll(one.StopAsync(), two.StopAsync());
    }

    [Fact]
    public async Task Leases_and_what_they_point_at_survive_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("cosmos").FullName;
        try
        {
            using (var first = new LocalCosmos(directory))
            {
                var processor = Build("one", cosmos: first);
                await processor.StartAsync();
                await first.CreateAsync("p", "a");
                await UntilSeenAsync(1);
                await processor.StopAsync();
            }

            _seen.Clear();
            using var second = new LocalCosmos(directory);
            await second.CreateAsync("p", "b");
            var again = Build("one", cosmos: second);
            await again.StartAsync();
            await UntilSeenAsync(1);
            await again.StopAsync();
            Assert.Equal("b", Assert.Single(_seen).Id);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Estimator_reads_the_leases()
    {
        var processor = Build("one");
        await processor.StartAsync();
        await _cosmos.CreateAsync("p", "a");
        await UntilSeenAsync(1);
        await processor.StopAsync();
        await _cosmos.CreateAsync("p", "b");
        await _cosmos.CreateAsync("p", "c");
        var estimator = _cosmos.Items.GetChangeFeedEstimator("test-", _cosmos.Leases);
        var states = await estimator.GetCurrentStateIterator().ReadNextAsync();
        Assert.Equal(2, Assert.Single(states).EstimatedLag);
    }

    private Task UntilSeenAsync(int count) => UntilAsync(() => _seen.Select(seen => seen.Id).Distinct().Count() >= count, Invariant($"{count} changes"));

    private ChangeFeedProcessor Build(string instance, Func<bool>? fails = null, string prefix = "test-", LocalCosmos? cosmos = null) =>
        (cosmos ?? _cosmos).Items
            .GetChangeFeedProcessorBuilder<JObject>(prefix, (IReadOnlyCollection<JObject> changes, CancellationToken _) =>
            {
                if (fails?.Invoke() == true)
                    throw new InvalidOperationException("The handler fails.");
                foreach (var change in changes)
                    _seen.Enqueue((instance, (string)change["id"]!));
                return Task.CompletedTask;
            })
            .WithInstanceName(instance)
            .WithLeaseContainer((cosmos ?? _cosmos).Leases)
            .WithPollInterval(TimeSpan.FromMilliseconds(20))
            .WithLeaseConfiguration(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500))
            .WithStartTime(DateTime.MinValue.ToUniversalTime())
            .Build();
}
