using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Http;
using Pipeline.Consumers;
using Pipeline.Functions;
using Pipeline.Payloads;
using Pipeline.Replay;
using Pipeline.Services.Payments;

namespace Pipeline.Tests.Structure;

/// <summary>What an app adds to a pipeline, and the options that it sets.</summary>
public sealed class PipelineBuilderTests
{
    private interface IProbe;

    [Fact]
    public async Task A_gateway_twice_an_unknown_service_and_a_problem_type_twice_end_the_start()
    {
        var wrong = await StartAsync(Sample.Definition, pipeline =>
        {
            Sample.Configure(pipeline);
            pipeline.AddGateway<IPaymentGateway>(_ => throw new NotSupportedException(), (real, _, _) => real)
                .AddCommandRunner(Payment.Document, "bookkeeping")
                .AddProblemTypes([ProblemTypes.NotFound]);
        });

        Assert.Equal(
            ["The gateway 'IPaymentGateway' is added twice", "The state 'Payment' belongs to the service 'bookkeeping'", "The state 'Payment' is added twice", "The problem type 'not-found' is there 2 times"],
            wrong.Errors.Select(e => e[..Math.Min(e.Length, e.IndexOfAny([',', ';']) is > 0 and var end ? end : e.Length)]));
        Assert.Contains("There are analytics, inventory, ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_without_consumers_does_not_start()
    {
        var wrong = await StartAsync(Sample.Definition with { Consumers = [] }, null);
        Assert.StartsWith("There are no consumers: define one with Consumer.Of(", wrong.Errors[0], StringComparison.Ordinal);
        Assert.Contains(Contracts.ContractFiles.GenerateCommand, wrong.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_gateway_is_registered_with_what_takes_its_place_in_a_dry_run()
    {
        using var provider = Provider([], pipeline => pipeline.AddGateway<IProbe>(_ => new Probe(), (real, _, _) => real));
        Assert.IsType<Probe>(provider.GetRequiredService<IProbe>());
        Assert.Contains(provider.GetServices<DryRunGateway>(), g => g.Gateway == typeof(IProbe));
    }

    [Fact]
    public void Options_are_bound_from_settings_and_changed_by_code()
    {
        using var provider = Provider(
            [
                ("Pipeline:Consumers:MaxDeliveries", "9"), ("Pipeline:Consumers:Retry:First", "00:00:07"), ("Pipeline:Payloads:Container", "letters"),
                ("Pipeline:Breakers:FailureRatio", "0.5"),
            ],
            pipeline => pipeline.Services.Configure<ConsumerOptions>(options => options.AttemptsPerDelivery = 2));

        var options = provider.GetRequiredService<ConsumerOptions>();
        Assert.Same(options, provider.GetRequiredService<IOptions<ConsumerOptions>>().Value);
        Assert.Equal((9, 2, TimeSpan.FromSeconds(7)), (options.MaxDeliveries, options.AttemptsPerDelivery, options.Retry.First));
        Assert.Equal("letters", provider.GetRequiredService<PayloadOptions>().Container);
        Assert.Equal(0.5, provider.GetRequiredService<GatewayBreakerOptions>().FailureRatio);
        Assert.Empty(OptionSettings.Check(provider.GetRequiredService<IConfiguration>(), provider));
    }

    [Fact]
    public void A_schedule_that_is_shared_is_not_written_by_binding()
    {
        var services = new ServiceCollection();
        services.Configure<ConsumerOptions>(options => options.Retry = RetrySchedule.None);
        services.AddPipelineOptions(Configuration([("Pipeline:Consumers:Retry:Attempts", "3")]));
        using var provider = services.BuildServiceProvider();

        Assert.Equal(3, provider.GetRequiredService<ConsumerOptions>().Retry.Attempts);
        Assert.Equal(0, RetrySchedule.None.Attempts);
    }

    [Theory]
    [InlineData("Consumers:MaxDeliveries", "0", "'Pipeline__Consumers__MaxDeliveries' is '0'; it must be at least 1. Default: 5.")]
    [InlineData("Consumers:MaxDeliveries", "many", "'Pipeline__Consumers__MaxDeliveries' is 'many'; it must be at least 1. Default: 5.")]
    [InlineData("Consumers:Retry:Attempts", "1001", "'Pipeline__Consumers__Retry__Attempts' is '1001'; it must be 0 to 1000. Default: 16.")]
    [InlineData("Relay:SweepAge", "30", "'Pipeline__Relay__SweepAge' is '30'; it must be 0 or more, written as hh:mm:ss or d.hh:mm:ss. Default: 00:00:10.")]
    [InlineData("Relay:SweepAge", "-00:00:01", "'Pipeline__Relay__SweepAge' is '-00:00:01'; it must be 0 or more, written as hh:mm:ss or d.hh:mm:ss. Default: 00:00:10.")]
    [InlineData("Relay:SweepAges", "1", "'Pipeline__Relay__SweepAges' is no option; the options there are Pipeline__Relay__SendAttempts, ")]
    [InlineData("Relays:SweepAge", "1", "'Pipeline__Relays' is no option; options begin with Pipeline__Consumers__, ")]
    [InlineData("Relay", "1", "'Pipeline__Relay' is no option; options begin with Pipeline__Consumers__, ")]
    public void An_option_that_cannot_be_used_is_told_with_its_name_value_and_range(string key, string value, string expected)
    {
        using var provider = Provider([($"Pipeline:{key}", value)], null);
        Assert.StartsWith(expected, Assert.Single(OptionSettings.Check(provider.GetRequiredService<IConfiguration>(), provider)), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_are_registered_as_they_are_are_checked_too()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new PayloadOptions { CollectorParallelism = 0 });
        services.AddPipelineOptions(Configuration([]));
        using var provider = services.BuildServiceProvider();
        Assert.StartsWith("'Pipeline__Payloads__CollectorParallelism' is '0'", Assert.Single(OptionSettings.Check(Configuration([]), provider)), StringComparison.Ordinal);
    }

    private static async Task<WiringException> StartAsync(PipelineDefinition definition, Action<PipelineBuilder>? configure)
    {
        var services = new ServiceCollection();
        services.AddPipeline(Configuration([]), definition, configure);
        await using var provider = services.BuildServiceProvider();
        var check = ActivatorUtilities.CreateInstance<WiringCheck>(provider, provider.GetRequiredService<IServiceProviderIsService>());
        return await Assert.ThrowsAsync<WiringException>(() => check.StartingAsync(default));
    }

    private static ServiceProvider Provider((string Key, string Value)[] settings, Action<PipelineBuilder>? configure)
    {
        var services = new ServiceCollection();
        var configuration = Configuration(settings);
        services.AddSingleton(configuration);
        services.AddPipeline(configuration, Sample.Definition, configure);
        return services.BuildServiceProvider();
    }

    private static IConfiguration Configuration((string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();

    private sealed class Probe : IProbe;
}
