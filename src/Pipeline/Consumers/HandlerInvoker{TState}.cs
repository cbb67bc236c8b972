using System.Text.Json.Nodes;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Runs the handlers of a consumer, with the type of its state.</summary>
internal sealed class HandlerInvoker<TState>(Consumer<TState> consumer) : HandlerInvoker(consumer)
    where TState : class
{
    private readonly Consumer<TState> _consumer = consumer;
    private readonly StoredState<TState> _state = StoredState<TState>.Of(consumer.State);

    public override IEnumerable<string> StateRecordsOf(PartitionHead head) => _state.RecordsOf(head);

    public override JsonNode? ShowState(PartitionRead read) => _state.Show(_state.Restore(read));

    public override async Task<IReadOnlySet<int>> DecideAsync(
        PartitionRead read,
        UnitOfWork work,
        IReadOnlyList<(ParsedMessage Message, HandlerContext Context)> messages,
        GatewayAccess gateways,
        bool leaveOutFailures,
        CancellationToken cancellationToken)
    {
        var before = _state.Restore(read);
        var state = before;
        Decision<TState>? all = null;
        HandlerContext? last = null;
        var leftOut = new HashSet<int>();
        for (var i = 0; i < messages.Count; i++)
        {
            var (message, context) = messages[i];
            Decision<TState> decision;
            try
            {
                decision = await RunAsync(message, context, state, gateways, cancellationToken);
            }
            catch (Exception) when (leaveOutFailures && !cancellationToken.IsCancellationRequested)
            {
                leftOut.Add(i);
                continue;
            }

            if (decision.Refusal is { } refusal)
                throw new PermanentFailureException($"The handler refused the message ({refusal.Code}): {refusal.Reason}");
            state = _state.After(state, decision, context.Now);
            work.Outgoing.AddRange(decision.Messages.Select(m => (m, context)));
            all = all is null ? decision : all.Then(decision);
            last = context;
        }

        if (all is null)
            return leftOut;
        if (_consumer.BatchDone is { } done && state is not null)
            work.Outgoing.Add((done(state, last!), last!));
        _state.Write(work, before, all, last!);
        return leftOut;
    }

    private Task<Decision<TState>> RunAsync(ParsedMessage message, HandlerContext context, TState? state, GatewayAccess gateways, CancellationToken cancellationToken)
    {
        var handler = _consumer.Handlers[message.HandledAs!];
        return handler.Gateway is { } gateway
            ? RunWithGatewayAsync(handler, gateway, message.Data!, context, state, gateways, cancellationToken)
            : handler.Run(state, message.Data!, context, null, cancellationToken);
    }

    /// <summary>Apart, so that only a handler that calls a gateway costs a closure.</summary>
    private static Task<Decision<TState>> RunWithGatewayAsync(
        HandlerDefinition<TState> handler, Type gateway, object data, HandlerContext context, TState? state, GatewayAccess gateways, CancellationToken cancellationToken) =>
        gateways.CallAsync(gateway, (real, token) => handler.Run(state, data, context, real, token), cancellationToken);
}
