using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Pipeline.Tests.Interop;

/// <summary>The subscriber that partners copy: handshake, token, content modes, duplicates.</summary>
public sealed class SampleSubscriberTests
{
    private const string Token = "a token+with/odd=characters";

    [Fact]
    public async Task The_sample_subscriber_takes_each_event_once_and_nothing_from_strangers()
    {
        var root = typeof(SampleSubscriberTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Root").Value!;
        var path = Path.GetFullPath(Path.Combine(root, "samples", "webhook-subscriber", "subscriber.mjs"));
        Assert.True((await File.ReadAllLinesAsync(path)).Length <= 110);
        using var process = NodePackage.Start(path, new Dictionary<string, string> { ["TOKEN"] = Token, ["PORT"] = "0" });
        try
        {
            var printed = ReadLinesAsync(process.StandardOutput);
            var address = await AddressAsync(process);
            var answers = JsonDocument.Parse(await NodePackage.RunAsync("client.mjs", [address, Token])).RootElement
                .EnumerateObject().ToDictionary(a => a.Name, a => a.Value);

            Assert.Equal("eventgrid.azure.net", answers["handshake"].GetProperty("origin").GetString());
            Assert.Equal("120", answers["handshake"].GetProperty("rate").GetString());
            Assert.Equal(JsonValueKind.Null, answers["stranger"].GetProperty("origin").ValueKind);
            var expected = new Dictionary<string, int>
            {
                ["handshake"] = 200,
                ["stranger"] = 403,
                ["binary"] = 204,
                ["structured"] = 204,
                ["batch"] = 204,
                ["duplicates"] = 204,
                ["wrongToken"] = 401,
                ["noToken"] = 401,
                ["plain"] = 415,
                ["notJson"] = 400,
                ["notAnEvent"] = 400,
                ["tooLarge"] = 413,
            };
            Assert.Equal(expected, answers.ToDictionary(a => a.Key, a => a.Value.GetProperty("status").GetInt32()));

            process.Kill();
            var events = (await printed).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            Assert.Equal(
                ["/orders 1", "/orders 2", "/orders 3", "/orders 4", "/others 4"],
                events.Select(e => $"{e.GetProperty("source").GetString()} {e.GetProperty("id").GetString()}"));
            Assert.All(events, e => Assert.Equal(e.GetProperty("id").GetString(), e.GetProperty("data").GetProperty("orderId").GetString()));
            Assert.Equal("\"quoted\" \u20ac", events[0].GetProperty("subject").GetString());
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static async Task<string> AddressAsync(Process process)
    {
        var seen = new List<string>();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await process.StandardError.ReadLineAsync(timeout.Token) is { } line)
        {
            seen.Add(line);
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
                return line["Listening on ".Length..];
        }

        throw new InvalidOperationException("The subscriber did not start:\n" + string.Join('\n', seen));
    }

    private static async Task<List<string>> ReadLinesAsync(StreamReader reader)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
            lines.Add(line);
        return lines;
    }
}
