using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Webhooks;
using Pipeline.Functions;
using Pipeline.Local;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.Deployment;

/// <summary>What the code reads, what Bicep writes, and what the samples hold are the same settings.</summary>
public sealed class SettingTests
{
    /// <summary>Settings that the Functions host reads, not the app.</summary>
    private static readonly string[] OfTheHost =
    [
        "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId",
        "AzureWebJobsSecretStorageType", "AzureWebJobsSecretStorageKeyVaultUri", "AzureWebJobsSecretStorageKeyVaultClientId",
    ];

    private static readonly IReadOnlyList<Setting> All = [.. PipelineSettings.All, .. SampleSettings.All];

    private static readonly string[] OfCoreTools = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"];

    [Fact]
    public async Task Bicep_writes_the_settings_that_the_code_reads_and_no_others()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            var written = snapshot.The("Microsoft.Web/sites/config").At("properties")!.Value.EnumerateObject().Select(p => p.Name).ToLookup(n => n.StartsWith("Webhooks__carrier__", StringComparison.Ordinal));
            Assert.Equal(All.Where(s => s.Place.HasFlag(SettingPlace.InAzure)).Select(s => s.Name).Concat(OfTheHost).Order(), written[false].Order());
            Assert.Equal(WebhookSources.SettingNames.Select(name => $"Webhooks__carrier__{name}").Order(), written[true].Order());
        }
    }

    [Fact]
    public async Task Bicep_writes_the_digest_and_the_origins_of_a_webhook()
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            var settings = snapshot.The("Microsoft.Web/sites/config");
            Assert.Equal(("digest", "example.com"), (settings["properties.Webhooks__carrier__tokenSha256"], settings["properties.Webhooks__carrier__origins"]));
        }
    }

    [Theory]
    [InlineData("local.settings.sample.json")]
    [InlineData("emulators/local.settings.emulators.json")]
    public void The_samples_hold_the_settings_that_the_code_reads_and_no_others(string file)
    {
        var values = Repository.Json(file).GetProperty("Values").EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString());
        Assert.Equal(
            All.Where(s => s.Place.HasFlag(SettingPlace.OnMachine)).Select(s => s.Name).Concat(OfCoreTools).Order(),
            values.Keys.Where(k => !k.StartsWith("Webhooks__", StringComparison.Ordinal)).Order());
        Assert.Empty(Check(Configuration([.. values.Select(v => (v.Key, v.Value ?? ""))])));
    }

    [Fact]
    public void Settings_are_read_where_they_are_listed_and_nowhere_else()
    {
        foreach (var (path, source) in Repository.Sources("functions", "src/Pipeline", "src/Pipeline.AzureFunctions", "services"))
        {
            if (Path.GetFileName(path) is not ("Setting.cs" or "PipelineSettings.cs" or "OptionSection.cs" or "OptionSettings.cs" or "WebhookSources.cs"))
                Assert.DoesNotMatch(@"onfiguration\[|\.GetSection\(|\.GetValue<|GetEnvironmentVariable|GetConnectionString", source);
        }
    }

    /// <summary>An identity connection of a trigger takes the address, and who opens it.</summary>
    [Fact]
    public async Task Every_connection_that_a_trigger_names_is_there_by_identity()
    {
        Assert.Equal([PipelineNames.Cosmos, PipelineNames.ServiceBus], AppFunctions.Connections.Order());
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            var settings = snapshot.The("Microsoft.Web/sites/config");
            foreach (var connection in AppFunctions.Connections)
            {
                Assert.Equal("managedidentity", settings[$"properties.{connection}__credential"]);
                Assert.Matches("/id-app-[^']+', '[^']+'\\)\\.clientId\\]$", settings[$"properties.{connection}__clientId"]);
                Assert.Matches(@"documentEndpoint\]$|^sb-\w+\.servicebus\.windows\.net$", settings[$"properties.{connection}__accountEndpoint"] ?? settings[$"properties.{connection}__fullyQualifiedNamespace"]);
            }
        }
    }

    [Fact]
    public void The_settings_of_Azure_are_enough()
    {
        Assert.Empty(Check(Configuration(
            ("Cosmos__accountEndpoint", "https://a.documents.azure.com:443/"), ("Cosmos__credential", "managedidentity"), ("Cosmos__clientId", Guid.Empty.ToString()),
            ("ServiceBus__fullyQualifiedNamespace", "a.servicebus.windows.net"), ("EventGrid__topicEndpoint", "https://a.westeurope-1.eventgrid.azure.net/api/events"),
            ("Blobs__serviceUri", "https://a.blob.core.windows.net/"), ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", $"ClientId={Guid.Empty};Authorization=AAD"), ("Sales__key", "@Microsoft.KeyVault(SecretUri=https://a/secrets/b)"),
            ("Webhooks__carrier__tokenSha256", ""), ("Webhooks__carrier__retired", ""))));
    }

    [Fact]
    public void All_errors_are_told_at_once_each_with_the_settings_name_purpose_and_an_example()
    {
        var errors = Check(Configuration());
        Assert.Equal(4, errors.Count);
        foreach (var setting in new[] { PipelineSettings.CosmosEndpoint, PipelineSettings.ServiceBusNamespace, PipelineSettings.EventGridEndpoint, PipelineSettings.BlobsUri })
            Assert.Single(errors, e => e.Contains($"'{setting.Name}'", StringComparison.Ordinal) && e.Contains(setting.Purpose, StringComparison.Ordinal) && e.Contains(setting.Example, StringComparison.Ordinal));

        errors = Check(Configuration(
            ("Cosmos", "my-secret"), ("ServiceBus__fullyQualifiedNamespace", "sb://a"), ("EventGrid__topicEndpoint", "somewhere"), ("Blobs", "my-secret"),
            ("Sales__baseAddress", "here"), ("Blobs__clientId", "me"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "there"), ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD"), ("Cosmos__acountEndpoint", "x"), ("Webhooks__carrier__origins", "*"), ("Webhooks__stranger__tokenSha256", "x")));
        foreach (var name in new[]
        {
            "'Cosmos'", "'ServiceBus__fullyQualifiedNamespace'", "'EventGrid__topicEndpoint'", "'Blobs'", "'Sales__baseAddress'", "'Blobs__clientId'", "'OTEL_EXPORTER_OTLP_ENDPOINT'", "'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'", "'Cosmos__acountEndpoint'",
            "Webhooks__carrier", "Webhooks__stranger",
        })
        {
            Assert.Single(errors, e => e.Contains(name, StringComparison.Ordinal));
        }

        Assert.Equal(11, errors.Count);
        Assert.DoesNotContain(errors, e => e.Contains("my-secret", StringComparison.Ordinal));
    }

    [Fact]
    public void An_event_grid_topic_without_https_needs_a_key()
    {
        Assert.Contains(Check(Configuration(("EventGrid__topicEndpoint", "http://localhost:8083/api/events"))), e => e.Contains("EventGrid__key", StringComparison.Ordinal));
        Assert.DoesNotContain(Check(Configuration(("EventGrid__topicEndpoint", "none"))), e => e.Contains("EventGrid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_app_does_not_start_with_wrong_settings_and_says_all_that_is_wrong()
    {
        await using var platform = LocalPlatform.Open(new LocalPlatformOptions());
        await using var app = new InProcessApp(new InProcessAppOptions
        {
            Assembly = typeof(Sample).Assembly,
            Settings = configuration => configuration.AddCommandLine(
                ["--Local:HttpPort=0", "--Local:Functions=health", $"--Local:HostJson={Path.Combine(AppContext.BaseDirectory, "host.json")}", "--Blobs:clientId=me", "--Sales:baseAddress=here"]),
            Logging = logging => logging.ClearProviders(),
            Configure = builder => builder.Services.AddPipeline(builder.Configuration, Sample.Definition, Sample.Configure),
            Platform = platform,
        });
        var wrong = await Assert.ThrowsAsync<SettingsException>(app.StartAsync);
        Assert.Contains("'Blobs__clientId'", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(2, wrong.Errors.Count);
        Assert.Contains("'Sales__baseAddress'", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_guide_to_Azure_lists_every_setting()
    {
        var guide = Repository.Text("docs/operations/azure.md");
        Assert.All(All.Where(s => s.Place.HasFlag(SettingPlace.InAzure)), setting => Assert.Contains($"`{setting.Name}`", guide, StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Check(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddPipeline(configuration, Sample.Definition, Sample.Configure);
        using var provider = services.BuildServiceProvider();
        return [.. SettingsCheck.ErrorsOf(configuration, provider.GetRequiredService<PipelineBuilder>()), .. OptionSettings.Check(configuration, provider)];
    }

    private static IConfiguration Configuration(params (string Name, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(v => KeyValuePair.Create<string, string?>(v.Name.Replace("__", ":", StringComparison.Ordinal), v.Value)))
        .Build();
}
