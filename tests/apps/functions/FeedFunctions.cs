using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

public sealed class FeedFunctions(Probe probe)
{
    private const int Poll = 20;

    [Function("FeedElements")]
    public Task Elements(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", LeaseContainerPrefix = "e-", FeedPollDelay = Poll, LeaseAcquireInterval = 50)]
        IReadOnlyList<JsonElement> items) => probe.SeeAsync(string.Join(',', items.Select(i => i.GetProperty("id").GetString())));

    [Function("FeedOfAll")]
    public async Task OfAll(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", LeaseContainerPrefix = "a-", FeedPollDelay = Poll, StartFromBeginning = true)]
        IReadOnlyList<JsonElement> items)
    {
        foreach (var item in items)
            await probe.SeeAsync("all " + item.GetProperty("id").GetString());
    }

    [Function("FeedTyped")]
    public Task Typed(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll)] IReadOnlyList<FeedItem> items) => SeeAsync(items);

    [Function("FeedArray")]
    public Task Array([CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll)] FeedItem[] items) => SeeAsync(items);

    [Function("FeedList")]
    public Task List([CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll)] List<FeedItem> items) => SeeAsync(items);

    [Function("FeedText")]
    public Task Text([CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll)] string items) =>
        SeeAsync(JsonSerializer.Deserialize<FeedItem[]>(items, JsonSerializerOptions.Web)!);

    [Function("FeedUnbounded"), FixedDelayRetry(-1, "00:00:00.01")]
    public Task Unbounded(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll)] FeedItem[] items, FunctionContext context) =>
        SeeAttemptAsync(items, context);

    [Function("FeedRetryTwice"), ExponentialBackoffRetry(2, "00:00:00.01", "00:00:00.02")]
    public Task RetryTwice(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll)] FeedItem[] items, FunctionContext context) =>
        SeeAttemptAsync(items, context);

    [Function("FeedRetryLater"), FixedDelayRetry(-1, "01:00:00")]
    public Task RetryLater(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll)] FeedItem[] items, FunctionContext context) =>
        SeeAttemptAsync(items, context);

    [Function("FeedOneByOne")]
    public Task OneByOne(
        [CosmosDBTrigger("db", "items", Connection = "Cosmos", FeedPollDelay = Poll, StartFromBeginning = true, MaxItemsPerInvocation = 1)]
        FeedItem[] items) => SeeAsync(items);

    [Function("FeedOfNothing")]
    public Task Nothing([CosmosDBTrigger("db", "nothing", Connection = "Cosmos", LeaseContainerPrefix = "n-", FeedPollDelay = Poll)] FeedItem[] items) => SeeAsync(items);

    private Task SeeAttemptAsync(FeedItem[] items, FunctionContext context)
    {
        var retry = context.RetryContext;
        var attempt = retry is null ? "-" : Invariant($"{retry.RetryCount}/{retry.MaxRetryCount}");
        return probe.SeeAsync($"{string.Join(',', items.Select(i => i.Id))} {attempt}");
    }

    private Task SeeAsync(IReadOnlyList<FeedItem> items) => probe.SeeAsync(string.Join(',', items.Select(i => i.Id)));
}
