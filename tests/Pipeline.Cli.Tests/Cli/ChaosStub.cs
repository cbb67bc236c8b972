using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Tests.Cli;

/// <summary>
/// A pipeline stub that answers only while a process lives that the demo started, with a carrier that can be broken: orders
/// of a broken article end in the ledger, and become final when they are replayed.
/// </summary>
internal sealed class ChaosStub : IAsyncDisposable
{
    private readonly string folder;
    private readonly ConcurrentDictionary<string, byte> broken = new(StringComparer.Ordinal);
    private IReadOnlyList<string> blocked = [];
    private int looks;

    private ChaosStub(PipelineStub pipeline, string folder)
    {
        this.folder = folder;
        Pipeline = pipeline;
        Pipeline.First = AnswerAsync;
        Pipeline.BecomesFinal = order => !IsBroken(order) || !Block((string)order["orderId"]!);
        Pipeline.OnFinal = (_, _, _) => Pipeline.Handled[^1]["duplicates"] = 1;
    }

    public PipelineStub Pipeline { get; }

    /// <summary>The program that stands for the pipeline; to be run by sh.</summary>
    public string Script => Path.Combine(folder, "pipeline.sh");

    /// <summary>Whether a broken carrier blocks orders, rather than doing nothing.</summary>
    public bool Blocks { get; set; } = true;

    /// <summary>How replays end.</summary>
    public string ReplaysEnd { get; set; } = "completed";

    /// <summary>Told every request that reaches the pipeline while it lives.</summary>
    public Action<string> OnRequest { get; set; } = _ => { };

    /// <summary>Process ids of all lives, in order.</summary>
    public IReadOnlyList<int> Lives => File.Exists(LivesFile)
        ? [.. File.ReadAllLines(LivesFile).Select(line => int.Parse(line, CultureInfo.InvariantCulture))]
        : [];

    public bool IsAlive => Lives is [.., var last] && IsRunning(last);

    /// <summary>The articles that the carrier refuses.</summary>
    public IReadOnlyCollection<string> Broken => [.. broken.Keys];

    private string LivesFile => Path.Combine(folder, "lives");

    /// <param name="folder">Where the program and its traces lie.</param>
    /// <param name="maxLives">From then on the program ends at once.</param>
    public static async Task<ChaosStub> StartAsync(string folder, int maxLives = int.MaxValue)
    {
        var stub = new ChaosStub(await PipelineStub.StartAsync(), folder);
        await File.WriteAllTextAsync(
            stub.Script,
            Invariant($"""
            trap 'exit 0' TERM
            [ $(cat lives 2>/dev/null | wc -l) -ge {maxLives} ] && echo 'cannot start' && exit 3
            echo "up with $*"
            echo $$ >> lives
            while :; do sleep 0.05; done
            """).ReplaceLineEndings("\n"));
        return stub;
    }

    /// <summary>Ends the process that stands for the pipeline, as Ctrl+C does.</summary>
    public void End()
    {
        using var process = Process.GetProcessById(Lives[^1]);
        process.Kill();
        process.WaitForExit();
    }

    public async ValueTask DisposeAsync() => await Pipeline.DisposeAsync();

    public static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private bool IsBroken(JsonObject order) =>
        Blocks && order["lines"]!.AsArray().Any(line => broken.ContainsKey((string)line!["sku"]!))
        && (string)order["customerId"]! != "customer-declined";

    private bool Block(string orderId)
    {
        var entry = StubDocuments.DeadLetter("dl:" + orderId, orderId, DateTimeOffset.UtcNow);
        entry["consumer"] = "payments/shipping";
        entry["description"] = "The carrier is broken.";
        Pipeline.OpenDeadLetters.Add(entry);
        var behind = StubDocuments.DeadLetter("dl:behind-" + orderId, orderId, DateTimeOffset.UtcNow);
        behind["consumer"] = "payments/shipping";
        behind["sequence"] = 2;
        behind["reason"] = "BlockedByPredecessor";
        behind["deliveryCount"] = 1;
        Pipeline.OpenDeadLetters.Add(behind);
        return true;
    }

    private async Task<bool> AnswerAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value!);
        if (!IsAlive)
        {
            context.Abort();
            return true;
        }

        OnRequest($"{method} {path}");
        if (method == "POST" && path == "/api/orders")
        {
            // Slow enough that the kill comes while orders are on their way.
            await Task.Delay(20);
        }

        if (path.StartsWith("/api/simulator/carrier-faults/", StringComparison.Ordinal))
        {
            Pipeline.Requests.Enqueue($"{method} {path}");
            var sku = path.Split('/')[^1];
            _ = method == "PUT" ? broken.TryAdd(sku, 0) : broken.TryRemove(sku, out _);
            context.Response.StatusCode = 204;
            return true;
        }

        if (path.StartsWith("/api/replays", StringComparison.Ordinal))
        {
            Pipeline.Requests.Enqueue($"{method} {path}");
            await (method == "POST" ? StartReplayAsync(context)
                : path.EndsWith("/subjects", StringComparison.Ordinal) ? ShowSubjectsAsync(context)
                : ShowReplayAsync(context));
            return true;
        }

        return false;
    }

    private async Task StartReplayAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body))!;
        Assert.Equal("payments/shipping", (string)body["consumer"]!);
        Assert.True((bool)body["apply"]!);
        Assert.Empty(broken);
        blocked = [.. Pipeline.OpenDeadLetters.Select(entry => (string)entry["partition"]!).Distinct(StringComparer.Ordinal)];
        context.Response.StatusCode = 202;
        await context.Response.WriteAsync(Replay("applying").ToJsonString());
    }

    private async Task ShowReplayAsync(HttpContext context)
    {
        if (++looks == 2 && ReplaysEnd == "completed")
        {
            foreach (var orderId in blocked)
            {
                Pipeline.Complete(orderId, () =>
                {
                    var closed = Pipeline.OpenDeadLetters.Where(entry => (string)entry["partition"]! == orderId).ToList();
                    Pipeline.OpenDeadLetters.RemoveAll(closed.Contains);
                    Pipeline.ClosedDeadLetters.AddRange(closed);
                });
            }
        }

        await context.Response.WriteAsync(Replay(looks >= 2 ? ReplaysEnd : "applying").ToJsonString());
    }

    private Task ShowSubjectsAsync(HttpContext context) => context.Response.WriteAsync(new JsonObject
    {
        ["items"] = new JsonArray([.. blocked.Select((orderId, i) => new JsonObject
        {
            ["number"] = i + 1,
            ["partition"] = orderId,
            ["consumer"] = "payments/shipping",
            ["status"] = "stopped",
            ["detail"] = "It failed again.",
            ["waiting"] = 1,
            ["sent"] = 1,
        })]),
    }.ToJsonString());

    private JsonObject Replay(string status) => new()
    {
        ["replayId"] = "r-1",
        ["status"] = status,
        ["subjects"] = blocked.Count,
        ["entries"] = blocked.Count,
        ["running"] = status == "applying" ? blocked.Count : 0,
        ["completed"] = status == "completed" ? blocked.Count : 0,
        ["failed"] = status == "failed" ? blocked.Count : 0,
        ["skipped"] = 0,
        ["sent"] = 1,
    };
}
