using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Local;

/// <summary>Where a started host serves HTTP.</summary>
internal static class HostAddress
{
    /// <exception cref="InvalidOperationException">The host has not been started.</exception>
    public static Uri HttpAddress(this IHost host)
    {
        var addresses = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        return addresses is { Count: > 0 }
            ? new Uri(addresses.First())
            : throw new InvalidOperationException("The host has not been started.");
    }
}
