using System.Net;
using System.Net.Sockets;
using Pipeline.Local;

namespace Pipeline.Tests.Hosting;

public sealed class StartupTests
{
    [Theory]
    [InlineData("WrongDeadLetterSession", "dead-letter queues have no sessions")]
    [InlineData("WrongSchedule", "neither an NCRONTAB expression nor a duration")]
    [InlineData("WrongSetting", "the setting 'NoSuchSetting', which is not set")]
    [InlineData("WrongConnection", "connection setting 'AzureWebJobsServiceBus' is not set")]
    [InlineData("WrongFeedA,WrongFeedB", "give each its own LeaseContainerPrefix")]
    [InlineData("NoSuchFunction", "Local:Functions names 'NoSuchFunction'")]
    public async Task Misuse_is_an_error_that_says_what_to_change(string functions, string expected)
    {
        var error = await Refused(functions);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_problems_are_named_at_once()
    {
        var error = await Refused("WrongSchedule,WrongSetting");
        Assert.Contains("WrongSchedule", error.Message, StringComparison.Ordinal);
        Assert.Contains("WrongSetting", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Local:HttpPort", "http")]
    [InlineData("Local:CosmosPort", "70000")]
    [InlineData("Local:EventGridPort", "-1")]
    [InlineData("Local:ServiceBusPort", "70000")]
    [InlineData("Local:CosmosPartitions", "0")]
    [InlineData("Local:CosmosPartitions", "51")]
    [InlineData("Local:CosmosFaults", "429=2")]
    [InlineData("Local:CosmosFaults", "500=0.1")]
    [InlineData("Local:ServiceBusFaults", "busy=2")]
    [InlineData("Local:ServiceBusFaults", "slow=0.1")]
    [InlineData("Local:EventGridTimeScale", "0.5")]
    [InlineData("EventGrid:topicEndpoint", "http://localhost:8083")]
    [InlineData("EventGrid:topicEndpoint", "https://orders.westeurope-1.eventgrid.azure.net/api/events")]
    [InlineData("Local:BlobPort", "70000")]
    [InlineData("Local:Azurite", "maybe")]
    [InlineData("Blobs", "AccountName=x")]
    [InlineData("Local:DataDirectory", " ")]
    [InlineData("Local:DuplicateDeliveries", "1.5")]
    [InlineData("Local:DuplicateDeliveries", "-0.1")]
    [InlineData("Local:DuplicateDeliveries", "10 %")]
    [InlineData("Local:DuplicateDeliveries", "NaN")]
    [InlineData("AzureFunctionsJobHost:extensions:serviceBus:prefetchCount", "5")]
    [InlineData("AzureFunctionsJobHost:extensions:serviceBus:maxConcurrentCallsPerSession", "2")]
    [InlineData("AzureFunctionsJobHost:extensions:serviceBus:sessionIdleTimeout", "soon")]
    public async Task Bad_setting_is_an_error_that_names_it(string name, string value)
    {
        var error = await Assert.ThrowsAsync<StartupException>(async () =>
        {
            await using var host = TestHost.Build(null, "BusSession", settings: [$"--{name}", value]);
            await host.App.StartAsync();
        });
        Assert.Contains(name.Split(':')[^1], error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("extensions:serviceBus:maxConcurentSessions", "extensions.serviceBus.maxConcurentSessions is no setting of the Service Bus extension and does nothing. Did you mean maxConcurrentSessions?")]
    [InlineData("functionTimout", "functionTimout is no setting of Azure Functions and does nothing. Did you mean functionTimeout?")]
    [InlineData("extension:http:routePrefix", "extension is no setting of Azure Functions and does nothing. Did you mean extensions?")]
    [InlineData("extensions:servicebuss:maxConcurrentCalls", "extensions.servicebuss is no setting of Azure Functions and does nothing. Did you mean serviceBus?")]
    [InlineData("extensions:http:routeprefx", "extensions.http.routeprefx is no setting of Azure Functions and does nothing. Did you mean routePrefix?")]
    [InlineData("logging:logLevels:default", "logging.logLevels is no setting of Azure Functions and does nothing. Did you mean logLevel?")]
    [InlineData("singleton:period", "singleton.period is no setting of Azure Functions and does nothing.")]
    public async Task Unknown_name_in_host_json_is_a_warning(string name, string warning)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "HttpDefaults", settings: ["--AzureFunctionsJobHost:" + name, "1"]);
        Assert.Contains(host.Log.Lines, line => line.StartsWith("Warning:", StringComparison.Ordinal) && line.EndsWith("host.json: " + warning, StringComparison.Ordinal));
    }

    /// <summary>Also what means nothing here, and what an extension of somebody else's reads.</summary>
    [Fact]
    public async Task What_azure_knows_of_host_json_is_no_warning()
    {
        string[] known =
        [
            "$schema", "aggregator:batchSize", "concurrency:dynamicConcurrencyEnabled", "customHandler:description:defaultExecutablePath", "extensionBundle:id",
            "extensions:blobs:maxDegreeOfParallelism", "extensions:cosmosDb:connectionMode", "extensions:durableTask:hubName", "extensions:http:hsts:isEnabled",
            "extensions:contoso:name", "functions:0", "healthMonitor:enabled", "logging:applicationInsights:samplingSettings:isEnabled", "logging:logLevel:Contoso.Thing",
            "logging:fileLoggingMode", "logging:console:isEnabled", "logging:contoso:logLevel:default", "managedDependency:enabled", "singleton:lockPeriod", "telemetryMode",
            "watchDirectories:0", "watchFiles:0", "retry:strategy", "extensions:serviceBus:transportType",
        ];
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(
            platform, "HttpDefaults", settings: [.. known.SelectMany(name => (string[])["--AzureFunctionsJobHost:" + name, name.EndsWith("Enabled", StringComparison.OrdinalIgnoreCase) ? "true" : name.Contains("logLevel", StringComparison.Ordinal) ? "Warning" : "x"])]);
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains("host.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Port_in_use_is_an_error_that_names_port_and_setting()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var platform = TestPlatform.Open();
        var error = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(
            platform, "HttpDefaults", settings: ["--Local:HttpPort", Invariant($"{port}")]));
        Assert.StartsWith(Invariant($"Port {port} is in use. Stop what uses it, or set Local:HttpPort"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_directory_in_use_is_an_error_that_names_it_and_the_setting()
    {
        var directory = Directory.CreateTempSubdirectory("worker-data-");
        try
        {
            var options = new LocalPlatformOptions { DataDirectory = directory.FullName };
            await using (LocalPlatform.Open(options))
            {
                var error = Assert.Throws<StartupException>(() => LocalPlatform.Open(options));
                Assert.Contains(directory.FullName, error.Message, StringComparison.Ordinal);
                Assert.Contains("Local:DataDirectory", error.Message, StringComparison.Ordinal);
            }

            await LocalPlatform.Open(options).DisposeAsync();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Host_opens_its_own_platform_and_serves_http_from_it()
    {
        // Names of its own, because hosts of other tests run in this process too.
        await using var host = TestHost.Build(null, "HttpDefaults", settings: ["--Cosmos", "AccountEndpoint=http://own.test/;AccountKey=x", "--ServiceBus", "Endpoint=sb://own.test"]);
        await host.App.StartAsync();
        using var response = await host.Http.GetAsync("/api/HttpDefaults");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("0.25", 0.25)]
    [InlineData("0", 0)]
    public async Task Duplicate_deliveries_are_the_fraction_that_the_setting_says(string setting, double fraction)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "HttpDefaults", settings: ["--Local:DuplicateDeliveries", setting]);
        Assert.Equal(fraction, platform.Broker.DuplicateProbability);
    }

    [Fact]
    public void Connection_to_a_real_account_is_refused()
    {
        var error = Assert.Throws<StartupException>(() => TestHost.Build(
            null, "HttpDefaults", settings: ["--Cosmos", "AccountEndpoint=https://real.documents.azure.com/;AccountKey=x"]));
        Assert.Contains("https://real.documents.azure.com", error.Message, StringComparison.Ordinal);
    }

    private static async Task<StartupException> Refused(string functions)
    {
        await using var platform = TestPlatform.Open();
        return await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(platform, functions));
    }
}
