using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Http;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Messages;
using Pipeline.Operations;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;
using static Pipeline.AzureFunctions.OperatorApi.Lists;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Status of the pipeline for operators, over HTTP. All but <c>health</c> need a function key in Azure.</summary>
public sealed class OperatorsApi(
    Stores stores, IEnumerable<Consumer> consumers, MessageCatalog catalog, Listeners listeners, ServiceBusInspector broker, TimeProvider clock)
{
    private readonly HashSet<string> _unordered = [.. consumers.Where(c => c.IsUnordered).Select(c => c.Name)];

    /// <summary><c>GET /api/health</c>, or <c>HEAD</c>.</summary>
    [Function("health")]
    [ApiOperation("Says that the app answers.", Returns = typeof(Health))]
    public static IResult Health([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health")] HttpRequest request) =>
        Results.Json(new Health("ready"), OperatorJson.Readable.Health);

    /// <summary><c>GET /api/status</c>: what is blocked, quarantined and unpublished, and the messages in the broker.</summary>
    [Function("status")]
    [ApiOperation("Returns what is blocked, quarantined and unpublished, and what waits in the broker.", Returns = typeof(PipelineStatus))]
    public Task<IResult> Status([HttpTrigger(AuthorizationLevel.Function, "get", Route = "status")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var looking = broker.LookAsync(cancellationToken);
            var all = await Task.WhenAll(stores.All.Select(store => ContainerStatusReader.ReadAsync(store, clock, cancellationToken)));
            return Results.Json(
                new PipelineStatus(
                    all.Sum(c => c.BlockedSubjects), all.Sum(c => c.OpenDeadLetters), all.Sum(c => c.WaitingForRetry), all.Sum(c => c.Quarantined), all.Sum(c => c.Unpublished),
                    all.Max(c => c.OldestUnpublishedSeconds), all.Sum(c => c.Damaged), all, (await looking).Status),
                OperatorJson.Readable.PipelineStatus);
        });

    /// <summary><c>GET /api/blocked?consumer=&amp;limit=&amp;continuation=</c>: blocked subjects, the oldest first within a container (and so of one consumer).</summary>
    [Function("list-blocked")]
    [ApiOperation(
        "Lists blocked subjects, the oldest first within a container.",
        Query = ["consumer", "limit", "continuation"], Returns = typeof(BlockedPage))]
    public Task<IResult> Blocked([HttpTrigger(AuthorizationLevel.Function, "get", Route = "blocked")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, ["consumer", "limit", "continuation"], async () =>
        {
            var named = Query(request, "consumer");
            if (OperatorChecks.ValidateConsumer(consumers, named) is { } unknown)
                return unknown;
            var consumer = consumers.FirstOrDefault(c => c.Name == named);
            if (!TryReadLimit(request, 100, BlockedSubjects.MaxPageSize, out var limit, out var refusal))
                return refusal!;
            if (!TryReadPosition(request, out var index, out var continuation))
                return BadContinuation();
            var containers = consumer is null ? stores.All : [stores.Of(consumer.Service)];
            var (items, next) = await PageAsync(
                containers, (index, continuation), limit, (store, count, from) => BlockedSubjects.ListAsync(store, consumer is null ? null : new ConsumerName(consumer.Name), count, from, cancellationToken));
            var still = (index, continuation) is (0, null) ? (await broker.LookAsync(cancellationToken)).Status.Queues : [];
            return Results.Json(
                new BlockedPage(items, next, [.. still.Where(q => q.Problem is not null && (named is null || q.Consumer == named))]), OperatorJson.Readable.BlockedPage);
        });

    /// <summary><c>GET /api/flows/{correlationId}</c>: all messages of one conversation and what they caused, oldest first.</summary>
    [Function("get-flow")]
    [ApiOperation("Returns all messages of one conversation and what they caused, the oldest first.", Returns = typeof(FlowDetails))]
    public Task<IResult> Flow(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "flows/{correlationId}")] HttpRequest request,
        string correlationId,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            // Pending messages first, then handled ones: in the other order, a message handled in between would be in neither.
            var look = broker.LookAsync(cancellationToken);
            var open = (await Task.WhenAll(stores.All.Select(store => PendingMessage.OfCorrelationAsync(store, catalog, correlationId, cancellationToken)))).SelectMany(s => s).ToList();
            var all = (await Task.WhenAll(stores.All.Select(store => Flows.OfCorrelationAsync(store, correlationId, cancellationToken)))).SelectMany(s => s).ToList();
            var handled = all.Select(h => h.EventId).ToHashSet(StringComparer.Ordinal);
            open.RemoveAll(o => o.State == PendingMessage.Unpublished && handled.Contains(o.EventId));
            var legs = FlowLegs.Of(all, open, listeners, catalog, await look);
            var steps = all.Select(StepOf).OrderBy(s => s.HandledAt)
                .Concat(open.Concat(legs).Select(StepOf).OrderBy(s => s.CommittedAt))
                .ToList();
            return steps.Count == 0
                ? NotFound($"flow '{correlationId}'")
                : Results.Json(new FlowDetails(correlationId, steps), OperatorJson.Readable.FlowDetails);
        });

    /// <summary><c>GET /api/handled?continuation=</c>: all handled messages, page by page.</summary>
    [Function("list-handled")]
    [ApiOperation("Lists everything that was handled.", Query = ["continuation"], Returns = typeof(Page<HandledMessageSummary>))]
    public Task<IResult> Handled([HttpTrigger(AuthorizationLevel.Function, "get", Route = "handled")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, ["continuation"], async () =>
        {
            if (!TryReadPosition(request, out var index, out var continuation))
                return BadContinuation();
            var all = stores.All.ToList();
            if (index >= all.Count)
                return Results.Json(new Page<HandledMessageSummary>([], null), OperatorJson.Readable.PageHandledMessageSummary);
            var (items, next) = await Flows.PageAsync(all[index], continuation, cancellationToken);
            items = [.. items.Select(i => i with { Unordered = _unordered.Contains(i.Consumer) })];
            return Results.Json(new Page<HandledMessageSummary>(items, PositionOf(all.Count, index, next)), OperatorJson.Readable.PageHandledMessageSummary);
        });

    private FlowStep StepOf(HandledMessageSummary h) => new(
        h.EventId, h.Type, h.Consumer == "http" ? "http" : KindOf(h.Type), h.Source, h.Subject, h.Sequence, h.CausationId, h.CommittedAt,
        h.Consumer, h.Container, h.Partition, h.HandledAt, h.DeliveryCount, h.Caused, "handled", h.PublishedAt, h.Duplicates, null, h.Replay, h.Edit, h.EditedBy, null, 0, null);

    private FlowStep StepOf(PendingMessage o) => new(
        o.EventId, o.Type ?? "", KindOf(o.Type ?? ""), o.Source ?? "", o.Subject, o.Sequence, o.CausationId, o.CommittedAt,
        o.Consumer, o.Container, o.Partition, null, o.DeliveryCount, [], o.State, o.PublishedAt, 0, o.Reason, null, null, null, o.RetryAt, o.Retries, o.WaitingSince);

    private string KindOf(string type) => catalog.Find(type)?.Kind.ToString().ToLowerInvariant() ?? "unknown";
}
