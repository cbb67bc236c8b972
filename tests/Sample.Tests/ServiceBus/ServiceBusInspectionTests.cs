using System.Net;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Pipeline.Tests.Cli;
using Pipeline.Tests.EventGrid;

namespace Pipeline.Tests;

/// <summary>A pipeline without functions, looked into over HTTP and with the tool.</summary>
public sealed class ServiceBusInspectionTests
{
    [Fact]
    public async Task Entities_messages_and_sessions_are_shown_and_left_as_they_are()
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "status");
        var sender = pipeline.ServiceBus.CreateSender("stock");
        await sender.SendMessageAsync(new ServiceBusMessage("é" + new string('x', 5000)) { SessionId = "sku-1", MessageId = "m1", ApplicationProperties = { ["n"] = 7 } });
        await sender.SendMessageAsync(new ServiceBusMessage("dead") { SessionId = "sku-2", MessageId = "m2" });
        await sender.ScheduleMessageAsync(new ServiceBusMessage("later") { SessionId = "sku-1" }, DateTimeOffset.UtcNow.AddHours(1));
        await using var locked = await pipeline.ServiceBus.AcceptSessionAsync("stock", "sku-2");
        await locked.DeadLetterMessageAsync((await locked.ReceiveMessageAsync())!, "bad");
        await using var other = await pipeline.ServiceBus.AcceptSessionAsync("stock", "sku-1");

        var url = pipeline.Http.BaseAddress!.ToString();
        var entities = await CliRun.OfAsync("local", "entities", "--url", url);
        var messages = await GetAsync(pipeline, "admin/servicebus/messages?entity=stock");
        var peek = await CliRun.OfAsync("local", "peek", "stock/$DeadLetterQueue", "--url", url);
        var sessions = await GetAsync(pipeline, "admin/servicebus/sessions?entity=stock");
        await CliRun.OfAsync("local", "sessions", "stock", "--url", url);

        Assert.Equal("", entities.Error + peek.Error);
        Assert.Matches(@"stock\W+queue\W+1\W+0\W+1\W+1\W+0\W+2", entities.Output);
        Assert.Contains("ordering/payments", entities.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("$DeadLetterQueue", entities.Output, StringComparison.Ordinal);
        Assert.Equal(["Active", "Scheduled"], messages.EnumerateArray().Select(m => m.GetProperty("state").GetString()!));
        var first = messages[0];
        Assert.Equal(("m1", 0, 5002, "7"), (first.GetProperty("messageId").GetString(), first.GetProperty("deliveryCount").GetInt32(), first.GetProperty("bodyBytes").GetInt32(), first.GetProperty("properties").GetProperty("n").GetString()));
        Assert.InRange(first.GetProperty("body").GetString()!.Length, 1000, 1024);
        Assert.Matches(@"m2.*bad.*dead", peek.Output);
        Assert.Equal(["sku-2", "sku-1"], sessions.EnumerateArray().Select(s => s.GetProperty("id").GetString()!).OrderDescending());
        Assert.All(sessions.EnumerateArray(), s => Assert.Equal(JsonValueKind.String, s.GetProperty("lockedUntil").ValueKind));
        Assert.Equal(1, (await other.ReceiveMessageAsync())!.DeliveryCount);
    }

    [Theory]
    [InlineData("admin/servicebus/messages", HttpStatusCode.BadRequest)]
    [InlineData("admin/servicebus/messages?entity=nothing", HttpStatusCode.NotFound)]
    [InlineData("admin/servicebus/messages?entity=ordering", HttpStatusCode.NotFound)]
    [InlineData("admin/servicebus/messages?entity=stock&top=501", HttpStatusCode.BadRequest)]
    [InlineData("admin/servicebus/messages?entity=stock&from=x", HttpStatusCode.BadRequest)]
    [InlineData("admin/servicebus/sessions?entity=stock&top=0", HttpStatusCode.BadRequest)]
    public async Task Bad_question_gets_problem_details(string path, HttpStatusCode status)
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "status");
        using var response = await pipeline.Http.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Where_keys_are_on_the_master_key_is_asked_for()
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "status", settings: "--Local:Keys=on");
        using var response = await pipeline.Http.GetAsync("admin/servicebus");
        var run = await CliRun.OfAsync("local", "entities", "--url", pipeline.Http.BaseAddress!.ToString(), "--key", pipeline.Platform.Keys.Master);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Entity_that_is_not_there_is_told_apart_from_a_pipeline_without_broker()
    {
        await using var pipeline = await RunningPipeline.StartAsync(functions: "status");

        // As a pipeline in Azure, which has no page of a broker.
        await using var other = await Webhook.StartAsync();
        other.OnDelivery = _ => Task.FromResult(404);
        var unknown = await CliRun.OfAsync("local", "peek", "nothing", "--url", pipeline.Http.BaseAddress!.ToString());
        var misspelt = await CliRun.OfAsync("local", "peek", "ordering/inventry", "--url", pipeline.Http.BaseAddress!.ToString());
        var topic = await CliRun.OfAsync("local", "peek", "ordering", "--url", pipeline.Http.BaseAddress!.ToString());
        var azure = await CliRun.AgainstAsync(new Uri(new Uri(other.Url), "/"), "local", "peek", "stock");

        unknown.AssertFailsInOneLine(1);
        Assert.Matches(@"no queue or subscription 'nothing'\. '[^']+ local entities'", unknown.Error);
        Assert.Contains("Did you mean ordering/inventory?", misspelt.Error, StringComparison.Ordinal);
        Assert.Contains("'ordering': it is a topic, which keeps nothing itself. Its subscriptions are ordering/analytics, ", topic.Error, StringComparison.Ordinal);
        azure.AssertFailsInOneLine(1);
        Assert.Contains("runs on your machine", azure.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> GetAsync(RunningPipeline pipeline, string path)
    {
        using var document = JsonDocument.Parse(await pipeline.Http.GetStringAsync(path));
        return document.RootElement.Clone();
    }
}
