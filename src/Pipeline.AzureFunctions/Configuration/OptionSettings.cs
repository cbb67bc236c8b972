using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Pipeline.Consumers;
using Pipeline.Outbox;
using Pipeline.Payloads;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>The options of the pipeline: bound from the settings, changed by <c>Configure</c>, checked at the start.</summary>
internal static class OptionSettings
{
    private const string Consumers = "Consumers";
    private const string Relay = "Relay";
    private const string Payloads = "Payloads";
    private const string Breakers = "Breakers";

    /// <summary>All sections. A test compares them with <c>docs/reference/settings.md</c>.</summary>
    public static IReadOnlyList<OptionSection> Sections { get; } =
    [
        OptionSection.Of(Consumers, ConsumerOptions.Rules), OptionSection.Of(Relay, RelayOptions.Rules),
        OptionSection.Of(Payloads, PayloadOptions.Rules), OptionSection.Of(Breakers, GatewayBreakerOptions.Rules),
    ];

    /// <summary>Adds the options. One that is registered as a service itself takes the place of what is bound.</summary>
    public static void AddPipelineOptions(this IServiceCollection services, IConfiguration configuration)
    {
        // A copy of the schedule: binding writes into the one that is there, which may be shared.
        Add<ConsumerOptions>(services, configuration, Consumers, options => options.Retry = options.Retry with { });
        Add<RelayOptions>(services, configuration, Relay);
        Add<PayloadOptions>(services, configuration, Payloads);
        Add<GatewayBreakerOptions>(services, configuration, Breakers);
    }

    /// <summary>Gets the errors of all of them, each with the setting's name, range and value.</summary>
    public static IReadOnlyList<string> Check(IConfiguration configuration, IServiceProvider services) =>
    [
        .. configuration.GetSection(OptionSection.Root).GetChildren()
            .Where(child => child.Value is not null || Sections.All(s => !s.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)))
            .Select(child => $"'{child.Path.Replace(":", "__", StringComparison.Ordinal)}' is no option; options begin with "
                + $"{string.Join(", ", Sections.Select(s => s.SettingOf("")))}."),
        .. Sections.SelectMany(section => section.Check(configuration, services)),
    ];

    private static void Add<TOptions>(IServiceCollection services, IConfiguration configuration, string section, Action<TOptions>? before = null)
        where TOptions : class
    {
        services.AddOptions<TOptions>().Configure(options =>
        {
            before?.Invoke(options);
            configuration.GetSection($"{OptionSection.Root}:{section}").Bind(options);
        });
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<TOptions>>().Value);
    }
}
