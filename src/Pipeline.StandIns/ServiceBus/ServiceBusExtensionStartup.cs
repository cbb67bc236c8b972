using Grpc.Net.Client;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Core;
using Microsoft.Azure.ServiceBus.Grpc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

[assembly: WorkerExtensionStartup(typeof(ServiceBusExtensionStartup))]

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Adds the client by which functions settle messages. Its channel leads to the host that the worker serves.</summary>
public sealed class ServiceBusExtensionStartup : WorkerExtensionStartup
{
    private const string EndpointName = "Functions:Worker:HostEndpoint";
    private const string LimitName = "Functions:Worker:GrpcMaxMessageLength";

    /// <inheritdoc/>
    public override void Configure(IFunctionsWorkerApplicationBuilder applicationBuilder)
    {
        ArgumentNullException.ThrowIfNull(applicationBuilder);
        applicationBuilder.Services.AddSingleton(services => new SettlementChannel(services.GetRequiredService<IConfiguration>()));
        applicationBuilder.Services.AddSingleton(services => new Settlement.SettlementClient(services.GetRequiredService<SettlementChannel>().Channel));
    }

    private sealed class SettlementChannel(IConfiguration configuration) : IDisposable
    {
        public GrpcChannel Channel { get; } = GrpcChannel.ForAddress(
            configuration[EndpointName] ?? throw new InvalidOperationException($"{EndpointName} is not set: a Functions host starts the app with it."),
            new GrpcChannelOptions { MaxReceiveMessageSize = Limit(configuration), MaxSendMessageSize = Limit(configuration) });

        public void Dispose() => Channel.Dispose();

        private static int? Limit(IConfiguration configuration) => configuration.GetValue<int?>(LimitName);
    }
}
