using Azure.Messaging;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;
using Pipeline.Cli;
using Pipeline.Local.Testing;
using Pipeline.Replay;
using Pipeline.Storage;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Cultures;

public sealed class CultureTests
{
    /// <summary>U+2212 or marks of direction before a minus, a comma for the decimal point, other calendars, the Turkish i.</summary>
    public static TheoryData<string> Names => ["sv-SE", "nb-NO", "fi-FI", "he-IL", "ar-SA", "ar-EG", "fa-IR", "th-TH", "tr-TR", "de-CH"];

    [Fact]
    public async Task The_tests_run_in_a_culture_whose_text_no_machine_reads()
    {
        static string Text() => string.Create(CultureInfo.CurrentCulture, $"{-1234.5:N1} {new DateTime(2026, 1, 2, 3, 4, 5):yyyy/MM/dd HH:mm:ss}");
        var onAnotherThread = await Task.Factory.StartNew(Text, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal(Text(), onAnotherThread);
        Assert.Equal(HostileCulture.HasIcu ? "\u22121.234,5 2569.01.02 03.04.05" : "\u22121.234,5 2026.01.02 03.04.05", Text());
        Assert.Equal(HostileCulture.HasIcu ? "ID İD" : "ID ID", $"{"id".ToUpperInvariant()} {"id".ToUpper(CultureInfo.CurrentCulture)}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_host_starts_and_runs_every_kind_of_function(string culture)
    {
        CultureOfTheRun.Become(culture);
        var probe = new Probe();
        await using var host = await PipelineHost.StartAsync(new PipelineHostOptions
        {
            FunctionsAssembly = typeof(HostFunctions).Assembly,
            Functions = ["ph-http", "ph-session", "ph-plain", "ph-feed", "ph-event", "ph-timer"],
            TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
            HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
            Configure = builder => builder.Services.AddSingleton(probe).AddSingleton(TimeProvider.System),
            TimeProvider = new ManualTimeProvider(),
        });

        host.Fail("ph-feed");
        await host.ServiceBus.SendAsync("sessions", "1", "s");
        await host.ServiceBus.SendAsync("plain", new ServiceBusMessage("2") { ScheduledEnqueueTime = host.Now.AddMinutes(2) });
        await host.Cosmos.Container("db", "items").CreateItemAsync(new { id = "3", pk = "3" }, new PartitionKey("3"));
        await host.EventGrid.PublishAsync(new CloudEvent("source", "t", new { }) { Id = "4", Time = host.Now });
        await host.Http.GetStringAsync("api/ph/five");
        await host.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(
            ["event 4", "feed 3", "http five", "plain 2", "session s 1", "timer 00:05"], probe.Seen.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Cosmos_reads_and_writes_numbers_keys_continuations_and_etags(string culture)
    {
        CultureOfTheRun.Become(culture);
        using var cosmos = new LocalCosmos();
        var properties = new ContainerProperties("living", "/pk") { DefaultTimeToLive = -1 };
        var living = (await cosmos.Client.GetDatabase("db").CreateContainerAsync(properties)).Container;
        Assert.Equal(-1, (await living.ReadContainerAsync()).Resource.DefaultTimeToLive);

        foreach (var n in new[] { -1.5, -1234567.25, 1e-7, 2.5 })
            await living.CreateItemAsync(new { id = n.ToString(CultureInfo.InvariantCulture), pk = n, n, name = "title" }, new PartitionKey(n));
        var seen = new List<string>();
        var query = new QueryDefinition("SELECT * FROM c WHERE c.n < 1.5 AND c.n > -1.3e7 AND UPPER(c.name) = 'TITLE' AND RegexMatch(c.name, 'TITLE', 'i') ORDER BY c.n");
        string? continuation = null;
        do
        {
            using var pages = living.GetItemQueryIterator<JObject>(query, continuation, new QueryRequestOptions { MaxItemCount = 1 });
            var page = await pages.ReadNextAsync();
            seen.AddRange(page.Select(item => (string)item["id"]!));
            continuation = page.ContinuationToken;
        }
        while (continuation is not null);
        Assert.Equal(["-1234567.25", "-1.5", "1E-07"], seen);

        var read = await living.ReadItemAsync<JObject>("-1.5", new PartitionKey(-1.5));
        read.Resource["n"] = -2.5;
        var replaced = await living.ReplaceItemAsync(read.Resource, "-1.5", new PartitionKey(-1.5), new ItemRequestOptions { IfMatchEtag = read.ETag });
        Assert.Equal(-2.5, (double)replaced.Resource["n"]!);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rules_of_subscriptions_read_numbers_and_names(string culture)
    {
        CultureOfTheRun.Become(culture);
        await using var ns = BrokerNamespace.InMemory(new()
        {
            Topics =
            [
                new() { Name = "t", Subscriptions = [new() { Name = "s", RequiresSession = false, Rules = [new() { Name = "r", SqlFilter = "price < -1.25 AND sys.messageid IN ('m')", SqlAction = "set TITLE = -2.5" }] }] },
            ],
        });
        await ns.SendAsync("t", new ServiceBusMessage("x") { MessageId = "m", ApplicationProperties = { ["price"] = -1.5 } });

        var message = Assert.Single(await BrokerNamespace.ReceiveAllAsync(ns.Client.CreateReceiver("t", "s")));
        Assert.Equal(-2.5, Convert.ToDouble(message.ApplicationProperties["TITLE"], CultureInfo.InvariantCulture));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_id_of_a_replay_plan_depends_on_no_culture(string culture)
    {
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var request = new ReplayRequest { Selection = new DeadLetterFilter { Consumer = "a/b", From = now.AddHours(-1) }, By = "ann" };
        var id = ReplayPlanner.IdAt(now, request);
        CultureOfTheRun.Become(culture);

        Assert.Equal(id, ReplayPlanner.IdAt(now, request));
        var later = request with { Selection = request.Selection with { From = now.AddHours(-1).AddMilliseconds(1) } };
        Assert.NotEqual(id, ReplayPlanner.IdAt(now, later));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_CLI_says_numbers_and_times_as_everywhere(string culture)
    {
        CultureOfTheRun.Become(culture);

        Assert.Equal("-1,234", Wording.Number(-1234));
        Assert.Equal("-12.50 EUR", Wording.Money(-12.5m, "EUR"));
        Assert.Equal("1.5 s", Wording.Duration(TimeSpan.FromSeconds(1.5)));
        Assert.Equal("2026-01-02 03:04:05.006Z", Wording.Time(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero)));
    }
}
