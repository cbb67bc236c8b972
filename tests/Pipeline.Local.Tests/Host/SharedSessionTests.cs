using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Consumers;
using Pipeline.Local;
using Pipeline.Local.Hosting;
using Pipeline.TestFunctions;
using Settlements = Pipeline.AzureFunctions.ServiceBus.Settlements;

namespace Pipeline.Tests.Hosting;

/// <summary>One subject is in work on three subscriptions of one process: the host finds its session by the session id alone.</summary>
public sealed class SharedSessionTests
{
    private static readonly string[] _subscriptions = ["one", "two", "three"];

    /// <summary>Set for each subscription when its first message is in work.</summary>
    private readonly Dictionary<string, TaskCompletionSource> _inWork = _subscriptions.ToDictionary(s => s, _ => new TaskCompletionSource(), StringComparer.Ordinal);

    /// <summary>Set when the host is done with the first delivery of one of them.</summary>
    private readonly TaskCompletionSource _oneWentOn = new();

    [Fact]
    public async Task G3_A_message_given_back_by_its_lock_token_is_overtaken_on_none_of_three_subscriptions()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await StartAsync(platform, async (subscription, message, actions, _) =>
        {
            var isFirst = message.Body.ToString() == "first";
            if (isFirst && message.DeliveryCount <= 2)
            {
                await TakeTurnAsync(subscription);
                await SettleAsync(SettlementKind.GiveBack);
                return;
            }

            if (isFirst)
                Assert.Equal("2/2", message.ApplicationProperties[ReceivedMessage.GivenBackProperty]);
            await SettleAsync(SettlementKind.Complete);

            Task SettleAsync(SettlementKind kind) => Settlements.SettleAsync(
                new Consumers.Settlement(kind), message, actions, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        });
        await SendAsync(platform);

        await host.Probe.WaitAsync(12);
        await platform.Broker.WaitUntilEmptyAsync([.. _subscriptions.Select(s => "shared/" + s)], new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);

        foreach (var subscription in _subscriptions)
            Assert.Equal(["first", "first", "first", "second"], SeenBy(host, subscription));
    }

    [Fact]
    public void Of_two_sessions_with_one_id_the_first_is_found_and_whoever_ends_first_takes_it_away()
    {
        var cache = new SessionActionsCache();
        var (first, second) = (new HostSession(null!), new HostSession(null!));
        cache.TryAdd("s", first);
        cache.TryAdd("s", second);
        Assert.Same(first, cache.Find("s"));

        cache.Remove("s");
        Assert.Null(cache.Find("s"));
    }

    /// <summary>The old way, and why nothing here may depend on it. In Azure it is the same.</summary>
    [Fact]
    public async Task A_release_concerns_the_session_of_whoever_came_first_and_the_message_is_overtaken()
    {
        await using var platform = TestPlatform.Open();
        var released = new TaskCompletionSource();
        await using var host = await StartAsync(platform, async (subscription, message, actions, session) =>
        {
            if (message.Body.ToString() != "first" || _inWork[subscription].Task.IsCompleted)
            {
                await actions.CompleteMessageAsync(message);
                return;
            }

            // The second one releases, and both are left unsettled.
            if (subscription == "two")
                await _inWork["one"].Task;
            _inWork[subscription].SetResult();
            if (subscription == "two")
            {
                await session.ReleaseSession();
                released.SetResult();
            }

            await released.Task;
        }, "SharedOne,SharedTwo");
        await SendAsync(platform, "shared/one");
        await _inWork["one"].Task;
        await SendAsync(platform, "shared/two");

        await host.Probe.WaitAsync(seen => seen.Count(s => s == "one first") == 2 && seen.Contains("two second"));

        Assert.Equal(["first", "first"], SeenBy(host, "one").Take(2));
        Assert.Equal(["first", "second"], SeenBy(host, "two").Take(2));
    }

    [Fact]
    public async Task G3_A_settlement_that_fails_for_a_while_with_the_session_still_held_is_tried_again_and_nothing_overtakes()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await StartAsync(platform, async (_, message, actions, _) =>
            await Settlements.SettleAsync(
                new Consumers.Settlement(SettlementKind.Complete), message, new FlakyActions(actions, message.Body.ToString() == "first" ? 3 : 0),
                new SimulationClock(), NullLogger.Instance, CancellationToken.None), "SharedOne");
        await SendAsync(platform);

        await host.Probe.WaitAsync(2);
        Assert.Equal(["first", "second"], SeenBy(host, "one"));
    }

    [Fact]
    public async Task G3_What_can_be_neither_settled_nor_given_back_is_abandoned_by_the_host_and_nothing_overtakes()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await StartAsync(platform, async (_, message, actions, _) =>
            await Settlements.SettleAsync(
                new Consumers.Settlement(SettlementKind.Complete), message, new FlakyActions(actions, message is { DeliveryCount: 1 } ? int.MaxValue : 0),
                new SimulationClock(), NullLogger.Instance, CancellationToken.None), "SharedOne");
        await SendAsync(platform);

        await host.Probe.WaitAsync(4);
        Assert.Equal(["first", "first", "second", "second"], SeenBy(host, "one"));
    }

    private static Task<TestHost> StartAsync(
        LocalPlatform platform,
        Func<string, ServiceBusReceivedMessage, ServiceBusMessageActions, ServiceBusSessionMessageActions, Task> settle,
        string functions = "SharedOne,SharedTwo,SharedThree") => TestHost.StartAsync(
            platform, functions, builder => builder.Services.AddSingleton(new SharedSessionFunctions.Settling(settle)));

    private static Task SendAsync(LocalPlatform platform, string to = "all") => platform.SendAsync("shared", ((string[])["first", "second"]).Select(body => new ServiceBusMessage(body)
    {
        SessionId = "s",
        ApplicationProperties = { ["cloudEvents_type"] = "t", ["replayfor"] = to },
    }));

    private static string[] SeenBy(TestHost host, string subscription) =>
        [.. host.Probe.Seen.Where(s => s.StartsWith(subscription + " ", StringComparison.Ordinal)).Select(s => s[(subscription.Length + 1)..])];

    /// <summary>All are in work at once, in order; then they end one after the other, each when the host is done with the one before.</summary>
    private async Task TakeTurnAsync(string subscription)
    {
        var index = Array.IndexOf(_subscriptions, subscription);
        if (_inWork[subscription].Task.IsCompleted)
        {
            _oneWentOn.TrySetResult();
            return;
        }

        if (index > 0)
            await _inWork[_subscriptions[index - 1]].Task;
        _inWork[subscription].SetResult();
        await Task.WhenAll(_inWork.Values.Select(i => i.Task));
        if (index > 0)
            await _oneWentOn.Task;
    }

    /// <summary>Fails some times before it settles anything, with the lock still held.</summary>
    private sealed class FlakyActions(ServiceBusMessageActions inner, int failures) : ServiceBusMessageActions
    {
        private int _left = failures;

        public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
            RunAsync(() => inner.CompleteMessageAsync(message, cancellationToken));

        public override Task AbandonMessageAsync(
            ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default) =>
            RunAsync(() => inner.AbandonMessageAsync(message, propertiesToModify, cancellationToken));

        private Task RunAsync(Func<Task> settle) => _left-- > 0 ? Task.FromException(new InvalidOperationException("The host does not answer.")) : settle();
    }
}
