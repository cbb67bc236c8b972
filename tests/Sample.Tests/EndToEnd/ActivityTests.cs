using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.Functions;
using Pipeline.Operations;

namespace Pipeline.Tests;

/// <summary><c>GET /api/activity</c> over a running pipeline.</summary>
public sealed class ActivityTests
{
    [Fact]
    public async Task Every_handling_is_counted_once_over_all_instances_from_now_on_and_since_a_time()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        var early = await pipeline.PlaceOrdersAsync(3, "before");
        await pipeline.WaitUntilQuietAsync();
        var before = await InboxAsync(pipeline);
        var start = await ActivityAsync(pipeline, "");
        Assert.Empty(Counts(start));
        await pipeline.AddHostAsync();
        var orders = await pipeline.PlaceOrdersAsync(20);
        await pipeline.SettleAndCheckAsync([.. early, .. orders]);

        var handled = await ActivityAsync(pipeline, $"?continuation={Continuation(start)}");
        var expected = await InboxAsync(pipeline);
        foreach (var (key, count) in before)
            expected[key] -= count;
        Assert.Equal(expected.Where(e => e.Value > 0).OrderBy(e => e.Key), Counts(handled).OrderBy(e => e.Key));
        Assert.False(handled.GetProperty("more").GetBoolean());
        Assert.Equal(start.GetProperty("to").GetDateTimeOffset(), handled.GetProperty("from").GetDateTimeOffset());
        foreach (var consumer in handled.GetProperty("consumers").EnumerateArray())
        {
            Assert.True(consumer.GetProperty("p50Ms").GetDouble() <= consumer.GetProperty("p99Ms").GetDouble());
            Assert.True(consumer.GetProperty("p99Ms").GetDouble() <= consumer.GetProperty("maxMs").GetDouble());
            Assert.True(consumer.GetProperty("firstHandledAt").GetDateTimeOffset() <= consumer.GetProperty("lastHandledAt").GetDateTimeOffset());
        }

        // Commit to effect takes time wherever there is a broker in between.
        Assert.Contains(handled.GetProperty("consumers").EnumerateArray(), c => c.GetProperty("p50Ms").GetDouble() > 0);

        var idle = await ActivityAsync(pipeline, $"?continuation={Continuation(handled)}");
        Assert.Empty(Counts(idle));
        var hourAgo = DateTimeOffset.UtcNow.AddMinutes(-59).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        Assert.Equal((await InboxAsync(pipeline)).OrderBy(e => e.Key), Counts(await ActivityAsync(pipeline, $"?since={hourAgo}")).OrderBy(e => e.Key));
    }

    [Fact]
    public async Task A_record_that_notes_a_later_duplicate_is_not_counted_again()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        await pipeline.WaitUntilQuietAsync();
        var start = await ActivityAsync(pipeline, "");
        await pipeline.PlaceOrdersAsync(1);
        await pipeline.WaitUntilQuietAsync();
        var handled = await ActivityAsync(pipeline, $"?continuation={Continuation(start)}");
        Assert.NotEmpty(Counts(handled));
        var record = (await Invariants.AllAsync(pipeline.Container(Names.Inventory), "inbox"))[0];
        await pipeline.Container(Names.Inventory).PatchItemAsync<object>(
            record.GetProperty("id").GetString(), new PartitionKey(record.GetProperty("pk").GetString()), [PatchOperation.Set("/duplicates", 2)]);

        var again = await ActivityAsync(pipeline, $"?continuation={Continuation(handled)}");

        Assert.Equal(1, again.GetProperty("changes").GetInt32());
        Assert.Empty(Counts(again));
    }

    [Fact]
    public async Task More_changes_than_a_call_may_read_go_on_in_the_next_call_of_the_same_while()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        var stores = ((Stores)pipeline.Services.GetService(typeof(Stores))!).All;
        var many = (ActivityFeed.MaxChanges / stores.Count) + 500;
        var since = DateTimeOffset.UtcNow.AddSeconds(-2);
        await Parallel.ForAsync(0, many, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
            await pipeline.Container(Names.Payments).CreateItemAsync(
                new { id = Invariant($"i{i}"), pk = Invariant($"p{i}"), kind = "inbox", consumer = "many", handledAt = since.AddSeconds(2) }, new PartitionKey(Invariant($"p{i}")), null, token));

        var first = await ActivityAsync(pipeline, Invariant($"?since={since:yyyy-MM-ddTHH:mm:ssZ}"));
        var second = await ActivityAsync(pipeline, $"?continuation={Continuation(first)}");

        Assert.True(first.GetProperty("more").GetBoolean());
        Assert.False(second.GetProperty("more").GetBoolean());
        Assert.Equal(first.GetProperty("from").GetDateTimeOffset(), second.GetProperty("from").GetDateTimeOffset());
        Assert.Equal(many, Counts(first)["payments/many"] + Counts(second)["payments/many"]);
        Assert.InRange(first.GetProperty("changes").GetInt32(), 1, ActivityFeed.MaxChanges);
        Assert.Equal(JsonValueKind.Null, first.GetProperty("consumers")[0].GetProperty("p50Ms").ValueKind);
    }

    [Theory]
    [InlineData("continuation=x", "Invalid continuation")]
    [InlineData("continuation=%21%21", "Invalid continuation")]
    [InlineData("continuation=AAAA&since=2026-01-01T00:00:00Z", "Ambiguous position")]
    [InlineData("since=yesterday", "Invalid time")]
    [InlineData("since=2020-01-01T00:00:00Z", "Time out of range")]
    [InlineData("since=2120-01-01T00:00:00Z", "Time out of range")]
    public async Task A_bad_position_is_refused(string query, string title)
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "activity");
        using var response = await pipeline.Http.GetAsync($"api/activity?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(title, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_position_of_other_data_or_of_nonsense_is_refused_and_one_stays_short()
    {
        string ahead;
        await using (var other = await RunningPipeline.StartAsync())
        {
            await other.PlaceOrdersAsync(5);
            var position = Continuation(await ActivityAsync(other, ""));
            Assert.True(position.Length < 1_500, $"{position.Length} characters");
            ahead = position;
        }

        await using var pipeline = await RunningPipeline.StartAsync(functions: "activity");
        var nonsense = new ActivityPosition(
            DateTimeOffset.UtcNow, null, Invariants.Containers.Select(c => KeyValuePair.Create(c, "nonsense"))).Encode();
        foreach (var continuation in new[] { ahead, nonsense })
        {
            using var response = await pipeline.Http.GetAsync($"api/activity?continuation={continuation}");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public void A_position_that_inflates_to_much_or_would_be_long_is_refused()
    {
        var random = new Random(1);
        var letters = new string([.. Enumerable.Range(0, 20_000).Select(_ => (char)random.Next('a', 'z'))]);
        Assert.Throws<NotSupportedException>(() => new ActivityPosition(DateTimeOffset.UtcNow, null, [new("a", letters)]).Encode());

        var bomb = new ActivityPosition(DateTimeOffset.UtcNow, null, [new("a", new string('a', 1_000_000))]).Encode();
        Assert.True(bomb.Length <= ActivityPosition.MaxLength);
        Assert.False(ActivityPosition.TryDecode(bomb, out _));
    }

    private static async Task<JsonElement> ActivityAsync(RunningPipeline pipeline, string query) =>
        await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/activity{query}");

    private static string Continuation(JsonElement activity) => activity.GetProperty("continuation").GetString()!;

    private static Dictionary<string, int> Counts(JsonElement activity) => activity.GetProperty("consumers").EnumerateArray().ToDictionary(
        c => $"{c.GetProperty("container").GetString()}/{c.GetProperty("consumer").GetString()}", c => c.GetProperty("handled").GetInt32());

    private static async Task<Dictionary<string, int>> InboxAsync(RunningPipeline pipeline)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var container in Invariants.Containers)
        {
            foreach (var record in await Invariants.AllAsync(pipeline.Container(container), "inbox"))
            {
                var key = $"{container}/{record.GetProperty("consumer").GetString()}";
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        return counts;
    }
}
