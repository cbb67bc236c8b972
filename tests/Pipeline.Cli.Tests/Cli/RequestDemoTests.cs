using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Cli;
using Pipeline.Cli.Applications;
using Pipeline.Client;
using Pipeline.Cli.RequestDemo;

namespace Pipeline.Tests.Cli;

/// <summary>The demo of an application that the tool knows nothing of: requests, and what the operators' API says that they cause.</summary>
public sealed class RequestDemoTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentDictionary<string, int> _looks = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Key, string CorrelationId, string Body)> _sent = [];
    private PipelineStub _stub = null!;
    private Func<string, int, JsonArray?> _stepsOf = (_, _) => null;

    public async Task InitializeAsync()
    {
        _stub = await PipelineStub.StartAsync();
        _stub.First = AnswerAsync;
    }

    public async Task DisposeAsync() => await _stub.DisposeAsync();

    [Fact]
    public async Task Requests_are_sent_and_followed_until_all_is_handled()
    {
        _stepsOf = (_, look) => look == 1 ? [Step("http", "handled", 0), Step("notes/search", "waiting")] : [Step("http", "handled", 0), Step("notes/search", "handled", 20), Step("notes/audit", "handled", 40)];
        var run = await RunAsync(Post(12));

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Equal(12, _sent.Count);
        Assert.Equal(12, _sent.Select(s => s.Key).Distinct(StringComparer.Ordinal).Count());
        Assert.All(_sent, s => Assert.Equal(s.Key, s.CorrelationId));
        Assert.Contains(_sent, s => s.Body == $$"""{"id":"{{s.Key}}","text":"no. 7"}""");
        Assert.Matches("notes/audit\t12\t40 ms\t40 ms", run.Output);
        Assert.Matches("notes/search\t12\t20 ms\t20 ms", run.Output);
        Assert.Matches("all\t24\t20 ms\t40 ms", run.Output);
        Assert.Matches("requests accepted\t12", run.Output);
        Assert.Matches("dead letters\t0", run.Output);
        Assert.Contains("All is well", run.Output, StringComparison.Ordinal);
        Assert.Matches("pipeline flow demo-run-", run.Output);
    }

    [Fact]
    public async Task A_dead_letter_is_counted_and_named_and_fails()
    {
        _stepsOf = (id, _) => id.EndsWith("-2", StringComparison.Ordinal)
            ? [Step("http", "handled", 0), Step("notes/search", "dead-lettered", reason: "the text is too odd")]
            : [Step("http", "handled", 0), Step("notes/search", "handled", 20)];
        var run = await RunAsync(Post(3));

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Matches("dead letters\t1", run.Output);
        Assert.Matches("not settled\t1", run.Output);
        Assert.Contains("demo-run-2: note-written at notes/search is dead-lettered: the text is too odd", run.Output, StringComparison.Ordinal);
        Assert.Contains("pipeline flow demo-run-2", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_that_ignores_the_id_is_told_what_to_do()
    {
        var run = await RunAsync(Post(1));
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("X-Correlation-ID", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_request_ends_it_with_the_reason()
    {
        var failure = await Assert.ThrowsAsync<CliFailure>(() => RunAsync(new DemoRequest("PUT", "api/refused")));
        Assert.Contains("Request 1 of demo.json was not accepted", failure.Message, StringComparison.Ordinal);
        Assert.Contains("No notes today.", failure.Message, StringComparison.Ordinal);
    }

    private static DemoRequest Post(int count) => new("POST", "api/notes", JsonDocument.Parse("""{"id":"{id}","text":"no. {n}"}""").RootElement, count);

    private static JsonObject Step(string consumer, string state, int? milliseconds = null, string? reason = null) => new()
    {
        ["eventId"] = $"e-{consumer}",
        ["type"] = "com.example.notes.note-written.v1",
        ["consumer"] = consumer,
        ["state"] = state,
        ["committedAt"] = Begin,
        ["handledAt"] = milliseconds is { } taken ? Begin.AddMilliseconds(taken) : null,
        ["reason"] = reason,
    };

    private async Task<CliRun> RunAsync(params DemoRequest[] requests)
    {
        using var output = new StringWriter();
        using var client = new PipelineClient(_stub.Url);
        var run = new RequestRun(requests, "run", showsNext: true, Terminal.Plain(output, TextWriter.Null), TimeProvider.System);
        var isClean = await run.RunAsync(client, CancellationToken.None);
        return new CliRun(isClean ? ExitCode.Ok : ExitCode.Failed, output.ToString(), "");
    }

    private async Task<bool> AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (path == "/api/notes")
        {
            using var reader = new StreamReader(context.Request.Body);
            _sent.Enqueue((context.Request.Headers["Idempotency-Key"].ToString(), context.Request.Headers["X-Correlation-ID"].ToString(), await reader.ReadToEndAsync()));
            context.Response.StatusCode = 202;
        }
        else if (path.StartsWith("/api/flows/", StringComparison.Ordinal))
        {
            var id = path["/api/flows/".Length..];
            var steps = _stepsOf(id, _looks.AddOrUpdate(id, 1, (_, look) => look + 1));
            context.Response.StatusCode = steps is null ? 404 : 200;
            await context.Response.WriteAsJsonAsync(new JsonObject { ["correlationId"] = id, ["steps"] = steps });
        }
        else if (path == "/api/refused")
        {
            context.Response.StatusCode = 422;
            await context.Response.WriteAsync("""{"title":"Refused","detail":"No notes today."}""");
        }
        else
        {
            return false;
        }

        return true;
    }
}
