using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.Services.Notifications;
using Pipeline.Services.Payments;
using Pipeline.Services.Reporting;
using Pipeline.Services.Shipping;

namespace Pipeline.Functions.Gateways;

/// <summary>The gateways of the sample: simulated ones, and one to its own API.</summary>
internal static class SampleGateways
{
    public static PipelineBuilder AddSampleGateways(this PipelineBuilder pipeline)
    {
        var (services, configuration) = (pipeline.Services, pipeline.Configuration);
        services.AddHttpClient(nameof(HttpSalesSource)).RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false }); // The key is for one address.

        // The faults are the simulated carrier's.
        if (services.All(s => s.ServiceType != typeof(ICarrierGateway)))
            services.AddSingleton(provider => new CarrierFaults(ContainerOf(provider)));
        return pipeline
            .AddGateway<IPaymentGateway>(
                provider => new SimulatedPaymentGateway(ContainerOf(provider), ClockOf(provider)),
                (real, calls, provider) => new DryRunPaymentGateway(real, calls, ClockOf(provider)))
            .AddGateway<ICarrierGateway>(
                provider => new SimulatedCarrierGateway(ContainerOf(provider), provider.GetRequiredService<CarrierFaults>(), ClockOf(provider)),
                (real, calls, provider) => new DryRunCarrierGateway(real, calls, ClockOf(provider)))
            .AddGateway<IEmailGateway>(
                provider => new SimulatedEmailGateway(ContainerOf(provider), ClockOf(provider)),
                (real, calls, provider) => new DryRunEmailGateway(real, calls, ClockOf(provider)))
            .AddGateway<ISalesSource>(
                provider => new HttpSalesSource(
                    provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HttpSalesSource)),
                    () => SampleSettings.SalesAddress.Of(configuration) is { } setting ? AppAddress.Folder(setting) : AppAddress.Of(configuration),
                    SampleSettings.SalesKey.Of(configuration)),
                (real, calls, _) => new DryRunSalesSource(real, calls));
    }

    private static Container ContainerOf(IServiceProvider provider) =>
        provider.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways);

    private static TimeProvider ClockOf(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
