using System.Net;
using System.Net.Sockets;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Pipeline.Local;
using Pipeline.Tests.Hosting;

namespace Pipeline.Tests;

/// <summary>The endpoint of a host that has its platform to itself, as under <c>dotnet run</c>.</summary>
public sealed class ServiceBusHostTests
{
    [Fact]
    public async Task Setting_names_the_port_that_it_really_has_and_the_official_client_finds_it_there()
    {
        await using var host = Build("0");
        await host.App.StartAsync();
        var connectionString = host.App.OfHost<IConfiguration>()["ServiceBus"]!;
        await using var client = new ServiceBusClient(connectionString);
        await client.CreateSender("stock").SendMessageAsync(new ServiceBusMessage("x") { SessionId = "s" });

        Assert.Contains("Endpoint=sb://127.0.0.1:", connectionString, StringComparison.Ordinal);
        Assert.Equal(1, host.App.OfHost<LocalPlatform>().Broker.Counts("stock").Active);
    }

    [Fact]
    public async Task Port_in_use_ends_the_start_with_what_to_change()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var host = Build(((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
        var error = await Assert.ThrowsAsync<StartupException>(() => host.App.StartAsync());

        Assert.Contains("Local:ServiceBusPort", error.Message, StringComparison.Ordinal);
    }

    private static TestHost Build(string port) => TestHost.Build(null, "HttpDefaults", settings: [
        "--Cosmos", "AccountEndpoint=http://bus.test/;AccountKey=x", "--ServiceBus", "Endpoint=sb://bus.test", "--EventGrid:topicEndpoint", "http://bus-events.test/api/events",
        "--Local:ServiceBusPort", port]);
}
