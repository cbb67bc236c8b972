using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Testing;

/// <summary>The clients that an app makes for itself: as the docs say, and what is said to those who make them in another way.</summary>
public sealed class OwnClientTests
{
    [Fact]
    public async Task Cosmos_client_as_in_the_docs_writes_what_the_test_reads()
    {
        await using var host = await StartAsync(builder =>
        {
            // DOCS: clients
            builder.Services.AddSingleton(services => new CosmosClient(
                services.GetRequiredService<IConfiguration>()["Cosmos"],
                new CosmosClientOptions
                {
                    HttpClientFactory = () => services.GetRequiredService<IHttpClientFactory>().CreateClient("cosmos"),
                    ConnectionMode = ConnectionMode.Gateway, // Azure also has Direct, which is faster
                    LimitToEndpoint = true,
                }));
            // DOCS: end
        });
        var container = host.Services.GetRequiredService<CosmosClient>().GetContainer("db", "items");
        await container.CreateItemAsync(new { id = "1", pk = "1" }, new PartitionKey("1"));
        using var read = await host.Cosmos.Container("db", "items").ReadItemStreamAsync("1", new PartitionKey("1"));
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }

    [Fact]
    public async Task Cosmos_client_in_direct_mode_is_told_which_mode_there_is()
    {
        await using var host = await StartAsync(builder => builder.Services.AddSingleton(services => new CosmosClient(
            services.GetRequiredService<IConfiguration>()["Cosmos"],
            new CosmosClientOptions { HttpClientFactory = () => services.GetRequiredService<IHttpClientFactory>().CreateClient("cosmos"), LimitToEndpoint = true })));
        var container = host.Services.GetRequiredService<CosmosClient>().GetContainer("db", "items");
        var error = await Assert.ThrowsAsync<CosmosException>(() => container.ReadItemAsync<object>("1", new PartitionKey("1")));
        Assert.Contains("Set CosmosClientOptions.ConnectionMode to ConnectionMode.Gateway", error.Message, StringComparison.Ordinal);
    }

    /// <summary>All that a client says which goes to the network is the name that it did not find.</summary>
    [Fact]
    public async Task The_name_of_the_endpoint_says_how_it_is_reached()
    {
        await using var host = await StartAsync(_ => { });
        Assert.Contains("use-ihttpclientfactory", host.Cosmos.Client.Endpoint.Host, StringComparison.Ordinal);
    }

    private static Task<PipelineHost> StartAsync(Action<FunctionsApplicationBuilder> configure) => PipelineHost.StartAsync(new PipelineHostOptions
    {
        FunctionsAssembly = typeof(HostFunctions).Assembly,
        Functions = ["ph-plain"],
        TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
        Configure = configure,
    });
}
