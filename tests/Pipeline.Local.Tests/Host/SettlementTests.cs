using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.Consumers;

namespace Pipeline.Tests.Hosting;

/// <summary>How a settlement is carried out, and what becomes of a message when that fails.</summary>
public sealed class SettlementTests
{
    private readonly SimulationClock _clock = new();
    private readonly RecordingActions _actions = new();

    [Theory]
    [InlineData(SettlementKind.Complete, "complete")]
    [InlineData(SettlementKind.Abandon, "abandon")]
    [InlineData(SettlementKind.DeadLetter, "dead-letter why how")]
    [InlineData(SettlementKind.GiveBack, "abandon 1/1")]
    public async Task Each_kind_is_settled_by_the_lock_token_of_its_message(SettlementKind kind, string expected)
    {
        await SettleAsync(kind);
        Assert.Equal([expected], _actions.Calls);
    }

    [Fact]
    public async Task A_give_back_notes_those_before_it()
    {
        await SettleAsync(SettlementKind.GiveBack, deliveryCount: 8, note: "6/7");
        Assert.Equal(["abandon 7/8"], _actions.Calls);
    }

    [Theory]
    [InlineData(SettlementKind.Complete)]
    [InlineData(SettlementKind.DeadLetter)]
    [InlineData(SettlementKind.Abandon)]
    [InlineData(SettlementKind.GiveBack)]
    public async Task What_fails_for_a_while_is_tried_again(SettlementKind kind)
    {
        _actions.Fail = calls => calls <= 5 ? new InvalidOperationException("The host does not answer.") : null;
        await SettleAsync(kind);
        Assert.Equal(6, _actions.Calls.Count);
        Assert.Single(_actions.Calls.Distinct());
    }

    [Theory]
    [InlineData(SettlementKind.Complete)]
    [InlineData(SettlementKind.DeadLetter)]
    public async Task What_cannot_be_settled_is_given_back_so_that_nothing_overtakes_it(SettlementKind kind)
    {
        _actions.Fail = _ => _actions.Calls[^1].StartsWith("abandon", StringComparison.Ordinal) ? null : new InvalidOperationException("Refused.");
        var began = _clock.GetUtcNow();
        await SettleAsync(kind);
        Assert.Equal("abandon 1/1", _actions.Calls[^1]);
        Assert.True(_clock.GetUtcNow() - began > TimeSpan.FromMinutes(1), "A lock that is not renewed is still held then.");
    }

    [Theory]
    [InlineData(SettlementKind.Complete)]
    [InlineData(SettlementKind.DeadLetter)]
    [InlineData(SettlementKind.Abandon)]
    [InlineData(SettlementKind.GiveBack)]
    public async Task What_can_be_neither_settled_nor_given_back_is_left_to_the_host_which_abandons_what_throws(SettlementKind kind)
    {
        _actions.Fail = _ => new InvalidOperationException("The host does not answer.");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SettleAsync(kind));
        Assert.Contains("m-1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The host could not settle the message (SessionLockLost). Accept it again.")]
    [InlineData("The host could not settle the message (MessageLockLost). It was settled already.")]
    [InlineData("Status(StatusCode=\"Unknown\", Detail=\"Azure.Messaging.ServiceBus.ServiceBusException: The session lock has expired. (SessionLockLost). For troubleshooting information ...\")")]
    [InlineData("Status(StatusCode=\"FailedPrecondition\", Detail=\"LockToken 00000000-0000-0000-0000-000000000000 not found.\")")]
    public async Task A_lost_lock_needs_no_second_attempt_because_the_session_is_lost_with_it(string message)
    {
        _actions.Fail = _ => new InvalidOperationException(message);
        await SettleAsync(SettlementKind.Complete);
        Assert.Equal(["complete"], _actions.Calls);
    }

    [Fact]
    public async Task A_lock_that_is_lost_between_two_attempts_ends_them()
    {
        _actions.Fail = calls => new InvalidOperationException(calls < 3 ? "The host does not answer." : "(MessageLockLost)");
        await SettleAsync(SettlementKind.Complete);
        Assert.Equal(3, _actions.Calls.Count);
    }

    [Fact]
    public async Task A_host_that_stops_is_not_kept_waiting()
    {
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        _actions.Fail = _ => new InvalidOperationException("The host does not answer.");
        var began = _clock.GetUtcNow();
        await Assert.ThrowsAsync<InvalidOperationException>(() => SettleAsync(SettlementKind.Complete, cancellationToken: stopping.Token));
        Assert.Equal(["complete", "abandon 1/1"], _actions.Calls);
        Assert.Equal(began, _clock.GetUtcNow());
        Assert.DoesNotContain(true, _actions.Cancellable);
    }

    private Task SettleAsync(SettlementKind kind, int deliveryCount = 1, string? note = null, CancellationToken cancellationToken = default)
    {
        var properties = note is null ? [] : new Dictionary<string, object> { [ReceivedMessage.GivenBackProperty] = note };
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(messageId: "m-1", sessionId: "s", properties: properties, deliveryCount: deliveryCount);
        return Settlements.SettleAsync(new Consumers.Settlement(kind, "why", "how"), message, _actions, _clock, NullLogger.Instance, cancellationToken);
    }

    private sealed class RecordingActions : ServiceBusMessageActions
    {
        public List<string> Calls { get; } = [];

        /// <summary>Whether each call could be cancelled. None may: what was decided is settled.</summary>
        public List<bool> Cancellable { get; } = [];

        /// <summary>What the call of this number fails with.</summary>
        public Func<int, Exception?> Fail { get; set; } = _ => null;

        public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) => Note("complete", cancellationToken);

        public override Task AbandonMessageAsync(
            ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default) =>
            Note(propertiesToModify is null ? "abandon" : $"abandon {Assert.Single(propertiesToModify).Value}", cancellationToken);

        public override Task DeadLetterMessageAsync(
            ServiceBusReceivedMessage message,
            Dictionary<string, object>? propertiesToModify = default,
            string? deadLetterReason = default,
            string? deadLetterErrorDescription = default,
            CancellationToken cancellationToken = default) => Note($"dead-letter {deadLetterReason} {deadLetterErrorDescription}", cancellationToken);

        private Task Note(string call, CancellationToken cancellationToken)
        {
            Calls.Add(call);
            Cancellable.Add(cancellationToken.CanBeCanceled);
            return Fail(Calls.Count) is { } failure ? Task.FromException(failure) : Task.CompletedTask;
        }
    }
}
