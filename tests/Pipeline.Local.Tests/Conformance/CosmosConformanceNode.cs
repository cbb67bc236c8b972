using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Cosmos;
using Pipeline.Tests.Interop;

namespace Pipeline.Tests.Conformance;

/// <summary>npm's <c>@azure/cosmos</c> against the embedded endpoint over HTTP; <c>cosmos.mjs</c> takes any other account too.</summary>
public sealed class CosmosConformanceNode
{
    [Fact]
    public async Task The_client_for_JavaScript_works()
    {
        using var endpoint = CosmosEndpoint.Open(null, TimeProvider.System, NullLogger.Instance, physicalPartitions: 3);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(endpoint.HandleAsync);
        await app.StartAsync();

        var printed = await NodePackage.RunAsync("cosmos.mjs", [app.Urls.Single(), LocalCosmos.Key], folder: "Conformance");

        Assert.EndsWith("done", printed.Trim(), StringComparison.Ordinal);
    }
}
