using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using Pipeline.Local.Worker.Telemetry;

namespace OpenTelemetry
{
    /// <summary>Sets up OpenTelemetry in an app with a host.</summary>
    public sealed class OpenTelemetryBuilder : IOpenTelemetryBuilder
    {
        internal OpenTelemetryBuilder(IServiceCollection services) => Services = services;

        /// <summary>The app's services.</summary>
        public IServiceCollection Services { get; }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>OpenTelemetry in an app with a host.</summary>
    public static class OpenTelemetryServicesExtensions
    {
        /// <summary>Starts what is set up of OpenTelemetry with the host, and flushes it when the host ends. May be called again.</summary>
        public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
        {
            ArgumentNullException.ThrowIfNull(services);
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TelemetryStart>());
            return new OpenTelemetryBuilder(services);
        }
    }
}
