using System.Text.Json.Nodes;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>What waits in the broker, what is damaged and what nobody gets, as the tool tells it.</summary>
public sealed class BrokerWordsTests : IAsyncLifetime
{
    private PipelineStub stub = null!;

    public async Task InitializeAsync()
    {
        stub = await PipelineStub.StartAsync();
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
    }

    public async Task DisposeAsync() => await stub.DisposeAsync();

    [Fact]
    public async Task Status_blocked_and_watch_tell_what_waits_in_the_broker_and_that_it_does_not_answer()
    {
        JsonObject Queue(string consumer, int waiting, string? problem, string? detail) => new()
        {
            ["consumer"] = consumer,
            ["waiting"] = waiting,
            ["more"] = waiting == 100,
            ["deadLetterQueue"] = 0,
            ["problem"] = problem,
            ["detail"] = detail,
            ["oldest"] = waiting == 0 ? null : new JsonObject { ["messageId"] = "e", ["since"] = DateTimeOffset.UnixEpoch, ["deliveries"] = 3 },
        };
        JsonObject Status(string? error) => new()
        {
            ["blockedSubjects"] = 0,
            ["openDeadLetters"] = 0,
            ["quarantined"] = 0,
            ["unpublished"] = 0,
            ["containers"] = new JsonArray(),
            ["broker"] = new JsonObject
            {
                ["lookedAt"] = DateTimeOffset.UnixEpoch.AddMinutes(3),
                ["error"] = error,
                ["waiting"] = 100,
                ["queues"] = new JsonArray(Queue("ordering/inventory", 100, "notRun", "nobody runs ordering/inventory"), Queue("stock", 0, null, null)),
            },
        };
        stub.OpenDeadLetters.Clear();
        stub.Answer("GET", "/api/status", 200, Status(null));
        stub.Answer("GET", "/api/blocked", 200, new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject
            {
                ["container"] = "ordering",
                ["partition"] = "o-1",
                ["consumer"] = "a/b",
                ["entry"] = null,
                ["status"] = "damaged",
                ["reason"] = "DamagedPartition",
                ["detail"] = "its head is missing",
                ["since"] = DateTimeOffset.UnixEpoch,
                ["waiting"] = 0,
            }),
            ["standingStill"] = new JsonArray(Queue("ordering/inventory", 100, "notRun", "nobody runs ordering/inventory")),
        });

        var status = await CliRun.AgainstAsync(stub.Url, "status");
        Assert.Matches("ordering/inventory\t100 or more\t3.0 min\t3", status.Output);
        Assert.Contains("ordering/inventory: 100 or more in the broker since 1970-01-01", status.Output, StringComparison.Ordinal);
        Assert.Contains("nobody runs ordering/inventory", status.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("stock ", status.Output, StringComparison.Ordinal);
        var blocked = await CliRun.AgainstAsync(stub.Url, "blocked");
        Assert.Contains("nobody runs ordering/inventory", blocked.Output, StringComparison.Ordinal);
        Assert.Contains("o-1 at a/b is damaged, and its messages wait in the broker: its head is missing", blocked.Output, StringComparison.Ordinal);

        stub.Answer("GET", "/api/status", 200, Status("The broker does not answer: gone"));
        var silent = await CliRun.AgainstAsync(stub.Url, "status");
        Assert.Equal(ExitCode.Ok, silent.ExitCode);
        Assert.Contains("The broker does not answer: gone The number of waiting messages is unknown.", silent.Output, StringComparison.Ordinal);
        Assert.Contains("container", silent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_says_since_when_a_leg_waits_and_that_nobody_listens()
    {
        JsonObject Step(string id, string type, string? consumer, string state) => new()
        {
            ["eventId"] = id,
            ["type"] = $"com.contoso.sample.{type}.v1",
            ["kind"] = "fact",
            ["subject"] = "o-1",
            ["sequence"] = 1,
            ["committedAt"] = DateTimeOffset.UnixEpoch,
            ["consumer"] = consumer,
            ["container"] = "ordering",
            ["partition"] = "o-1",
            ["state"] = state,
            ["publishedAt"] = DateTimeOffset.UnixEpoch.AddMilliseconds(5),
            ["waitingSince"] = state == "waiting" ? DateTimeOffset.UnixEpoch.AddMilliseconds(5) : null,
            ["reason"] = state == "waiting" ? "in the broker: nobody runs a/b" : "No consumer gets events of this type.",
        };
        stub.Answer("GET", "/api/flows/f", 200, new JsonObject
        {
            ["correlationId"] = "f",
            ["steps"] = new JsonArray(Step("e1", "order-placed", "a/b", "waiting"), Step("e2", "notification-sent", null, "published")),
        });

        var run = await CliRun.AgainstAsync(stub.Url, "flow", "f");

        Assert.Matches("notification-sent\t.*\t\\+5 ms\tno consumer", run.Output);
        Assert.Contains("Not done yet (1 of 2 steps):", run.Output, StringComparison.Ordinal);
        Assert.Matches("waiting order-placed no. 1 of o-1 at a/b since 1970-01-01 00:00:00.005Z .*: in the broker: nobody runs a/b", run.Output);
    }
}
