using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Client;
using Pipeline.Tests.Cli;

namespace Pipeline.Tests.Client;

/// <summary>The client library by itself: what it makes of answers, and what of none.</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private PipelineStub stub = null!;
    private PipelineClient client = null!;

    public async Task InitializeAsync()
    {
        stub = await PipelineStub.StartAsync();
        client = new PipelineClient(stub.Url);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await stub.DisposeAsync();
    }

    [Fact]
    public async Task A_refusal_has_the_problem_that_programs_compare()
    {
        stub.Answer("GET", "/api/replays/r1", 409, new JsonObject
        {
            ["type"] = "/api/problems/replay-refused",
            ["title"] = "Replay refused",
            ["status"] = 409,
            ["detail"] = "It was stopped.",
            ["errors"] = new JsonObject { ["$.a"] = new JsonArray("is odd") },
        });

        var refused = await Assert.ThrowsAsync<PipelineRefusedException>(() => client.Replays.GetAsync("r1"));

        Assert.Equal((HttpStatusCode.Conflict, false), (refused.Status, refused.IsTransient));
        Assert.Equal(("/api/problems/replay-refused", "Replay refused", 409, "It was stopped."), (refused.Problem!.Type, refused.Problem.Title, refused.Problem.Status, refused.Problem.Detail));
        Assert.Equal(["is odd"], refused.Problem.Errors!["$.a"]);
        Assert.Equal($"Replay refused: It was stopped. $.a: is odd (409 from GET {stub.Url}api/replays/r1)", refused.Message);
    }

    [Fact]
    public async Task A_refusal_may_leave_out_what_the_standard_does_not_require()
    {
        stub.Answer("GET", "/api/replays/r1", 502, new JsonObject { ["title"] = "Bad gateway" });

        var refused = await Assert.ThrowsAsync<PipelineRefusedException>(() => client.Replays.GetAsync("r1"));

        Assert.True(refused.IsTransient);
        Assert.Equal(new ProblemDetails("about:blank", "Bad gateway", 502, ""), refused.Problem);
    }

    [Fact]
    public async Task A_refusal_by_another_program_has_no_problem()
    {
        stub.Answer("GET", "/api/replays/r1", 403, new JsonArray());

        Assert.Null((await Assert.ThrowsAsync<PipelineRefusedException>(() => client.Replays.GetAsync("r1"))).Problem);
    }

    [Fact]
    public async Task An_answer_without_a_required_member_is_refused_with_its_name()
    {
        stub.Answer("GET", "/health", 200, new JsonObject { ["state"] = "ready" });

        var invalid = await Assert.ThrowsAsync<InvalidAnswerException>(() => client.GetAsync("health", PipelineJson.Default.Health));

        Assert.False(invalid.IsTransient);
        Assert.Contains("'status'", invalid.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_that_is_not_known_is_ignored() => Assert.Equal(
        new Health("ready"), JsonSerializer.Deserialize("""{"status":"ready","since":1}""", PipelineJson.Default.Health));

    [Fact]
    public async Task A_list_is_read_to_its_end_also_when_a_page_fails_at_first()
    {
        stub.PageSize = 2;
        for (var i = 0; i < 5; i++)
            stub.Handled.Add(StubDocuments.HandledEntry("order-1", i, i));
        stub.FailEvery = 2;
        var retry = new TransientRetry(TimeProvider.System, new Random(1));

        Assert.Equal([0, 1, 2, 3, 4], await client.Monitoring.ListHandledAsync(retry).Select(h => h.Commit).ToListAsync());
        await Assert.ThrowsAsync<PipelineRefusedException>(async () => await client.Monitoring.ListHandledAsync().ToListAsync());
    }

    [Fact]
    public async Task A_list_that_repeats_its_continuation_ends()
    {
        stub.Answer("GET", "/api/outbox/quarantined", 200, new JsonObject { ["items"] = new JsonArray(), ["continuation"] = "same" });

        await Assert.ThrowsAsync<InvalidAnswerException>(async () => await client.Outbox.ListQuarantinedAsync().ToListAsync());
    }

    [Fact]
    public async Task What_fails_for_good_is_not_retried()
    {
        stub.Answer("GET", "/api/status", 400, new JsonObject { ["title"] = "No" });

        await Assert.ThrowsAsync<PipelineRefusedException>(() =>
            new TransientRetry(TimeProvider.System, new Random(1)).RetryAsync(token => client.Monitoring.GetStatusAsync(token)));
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Retries_end_with_their_budget()
    {
        stub.Answer("GET", "/api/status", 503, new JsonObject { ["title"] = "Later" });
        var retry = new TransientRetry(TimeProvider.System, new Random(1)) { Budget = TimeSpan.FromMilliseconds(300) };

        await Assert.ThrowsAsync<PipelineRefusedException>(() => retry.RetryAsync(token => client.Monitoring.GetStatusAsync(token)));
        Assert.True(stub.Requests.Count > 1);
    }

    [Fact]
    public async Task Nothing_that_listens_is_unreachable()
    {
        await stub.DisposeAsync();

        var failure = await Assert.ThrowsAsync<PipelineUnreachableException>(() => client.Monitoring.GetHealthAsync());

        Assert.Equal((true, false), (failure.IsTransient, failure.IsTimeout));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        stub.Redirects["/api/status"] = "https://elsewhere.example/";

        Assert.Equal("https://elsewhere.example/", (await Assert.ThrowsAsync<PipelineRefusedException>(() => client.Monitoring.GetStatusAsync())).Location?.ToString());
    }
}
