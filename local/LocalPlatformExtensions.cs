using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Local;

/// <summary>What only the Local build offers to those who embed it, tests above all.</summary>
public static class LocalPlatformExtensions
{
    /// <summary>
    /// Attaches the host to a platform instead of letting it open its own, and points the settings <c>Cosmos</c>,
    /// <c>ServiceBus</c>, <c>EventGrid</c> and <c>Blobs</c> at it. The platform is left open when the host ends.
    /// </summary>
    public static FunctionsApplicationBuilder UseLocalPlatform(this FunctionsApplicationBuilder builder, LocalPlatform platform)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(platform);
        builder.Platform = platform;
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Cosmos"] = platform.CosmosConnectionString,
            ["ServiceBus"] = platform.ServiceBusConnectionString,
            ["Blobs"] = platform.BlobsConnectionString,
            ["EventGrid:topicEndpoint"] = platform.EventGridEndpoint.ToString(),
            ["EventGrid:key"] = platform.EventGridKey,
        });
        return builder;
    }

    /// <summary>Where a started host serves HTTP functions.</summary>
    /// <exception cref="InvalidOperationException">The host has not been started.</exception>
    public static Uri HttpAddress(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var addresses = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        return addresses is { Count: > 0 }
            ? new Uri(addresses.First())
            : throw new InvalidOperationException("The host has not been started.");
    }
}
