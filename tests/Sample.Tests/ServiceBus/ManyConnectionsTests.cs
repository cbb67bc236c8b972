using System.Diagnostics;
using System.Text.RegularExpressions;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Tests;

/// <summary>Connections without a word, more than any app has, to a host in a process of its own.</summary>
public sealed class ManyConnectionsTests
{
    private const int Connections = 10_000;

    /// <summary>Measured: 8 KB each.</summary>
    private const long MostBytesEach = 30 * 1024;

    [Fact]
    public async Task Ten_thousand_cost_little_keep_nobody_from_being_served_and_leave_nothing_behind()
    {
        await using var app = await FunctionsProcess.StartAsync("memory", "--Local:Functions=health");
        var port = Regex.Match(app.Output, @"sb://127\.0\.0\.1:(?<port>\d+)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)).Groups["port"].Value;
        var before = app.Memory;
        var first = await WithManyAsync(app, port);
        Assert.InRange(first, 0, before + (Connections * MostBytesEach));

        // What the first left behind, the second would add to.
        var second = await WithManyAsync(app, port);
        Assert.InRange(second, 0, first + (Connections * MostBytesEach / 3));
    }

    /// <returns>The memory that the host has while they are open.</returns>
    private static async Task<long> WithManyAsync(FunctionsProcess app, string port)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "ServiceBus", "many.mjs"), port, Invariant($"{Connections}")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var many = Process.Start(start)!;
        try
        {
            Assert.Equal("open", await many.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)));
            await ServesAsync(port);
            return app.Memory;
        }
        finally
        {
            many.StandardInput.Close();
            await many.WaitForExitAsync();
        }
    }

    private static async Task ServesAsync(string port)
    {
        await using var client = new ServiceBusClient($"Endpoint=sb://127.0.0.1:{port};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=none;UseDevelopmentEmulator=true");
        await using var sender = client.CreateSender("stock");
        await sender.SendMessageAsync(new ServiceBusMessage("x") { SessionId = "s" });
        await using var receiver = await client.AcceptSessionAsync("stock", "s");
        var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(60));
        await receiver.CompleteMessageAsync(message);
    }
}
