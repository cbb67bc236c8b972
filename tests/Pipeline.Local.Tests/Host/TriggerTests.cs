using System.Net;
using System.Text;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Tests.Hosting;

/// <summary>Every trigger of an app in another process, with the official worker in it.</summary>
public sealed class TriggerTests(ChildHost host) : IClassFixture<ChildHost>
{
    [Fact]
    public async Task Message_comes_whole_and_is_completed_by_its_lock_token()
    {
        host.Answer = _ => "complete";
        await host.Platform.SendAsync("plain", [Message("hello", "m1", ("p", 42))]);
        await host.SeeAsync("plain hello, m1, a subject, delivery 1, numbered True, p Int32 42");
        await host.Platform.Broker.WaitUntilEmptyAsync(["plain"], Timeout());
    }

    [Fact]
    public async Task App_sends_by_its_own_client_over_the_port_that_its_settings_name()
    {
        host.Answer = _ => "complete";
        using var content = new StringContent("sent");
        using var response = await host.Http.PostAsync("api/send/plain", content);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await host.SeeAsync(seen => seen.Any(line => line.StartsWith("plain sent, by the app,", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Abandoned_message_comes_again_with_a_higher_delivery_count()
    {
        host.Answer = line => line.Contains("delivery 1", StringComparison.Ordinal) ? "abandon" : "complete";
        await host.Platform.SendAsync("plain", [Message("again", "m2")]);
        await host.SeeAsync("plain again, m2, a subject, delivery 2, numbered True, p none");
    }

    [Fact]
    public async Task Failed_function_abandons_its_message_and_the_log_has_what_the_app_threw()
    {
        host.Answer = line => line.Contains("delivery 1", StringComparison.Ordinal) ? "fail" : "complete";
        await host.Platform.SendAsync("plain", [Message("bad", "m3")]);
        await host.SeeAsync("plain bad, m3, a subject, delivery 2, numbered True, p none");
        var failures = host.Log.Lines.Where(line => line.StartsWith("Error:", StringComparison.Ordinal) && line.Contains("plain bad, m3", StringComparison.Ordinal)).ToList();
        Assert.Single(failures, line => line.StartsWith("Error: Plain failed", StringComparison.Ordinal));
        Assert.Single(failures, line => line.Contains("at Pipeline.ProbeApp.BusFunctions", StringComparison.Ordinal));
        Assert.Equal(2, failures.Count);
    }

    [Fact]
    public async Task Dead_letter_keeps_reason_description_and_changed_properties()
    {
        host.Answer = line => line.StartsWith("plain", StringComparison.Ordinal) ? "dead-letter" : "complete";
        await host.Platform.SendAsync("plain", [Message("poison", "m4")]);
        await host.SeeAsync("dead poison: the reason, the description, 00:01:30");
    }

    [Fact]
    public async Task Settlement_that_the_broker_refuses_is_an_RpcException_in_the_function()
    {
        host.Answer = line => line.StartsWith("plain", StringComparison.Ordinal) ? "twice" : "complete";
        await host.Platform.SendAsync("plain", [Message("twice", "m5")]);
        await host.SeeAsync("refused: Unknown");
    }

    [Fact]
    public async Task Session_is_handled_in_order_and_its_state_and_lock_are_at_hand()
    {
        host.Answer = _ => "complete";
        await host.Platform.SendAsync("sessions", "s1", "a", "b");
        await host.SeeAsync("session s1: b, before 'a', locked True");
        Assert.Equal(
            ["session s1: a, before '', locked True", "session s1: b, before 'a', locked True"],
            host.Probe.Seen.Where(line => line.StartsWith("session s1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Released_session_gives_its_message_back()
    {
        host.Answer = line => line.Contains("before ''", StringComparison.Ordinal) ? "release" : "complete";
        await host.Platform.SendAsync("sessions", "s2", "a");
        await host.SeeAsync("session s2: a, before 'a', locked True");
    }

    [Fact]
    public async Task Batch_comes_in_order()
    {
        host.Answer = _ => "complete";
        await host.Platform.SendAsync("batch", null, "a", "b", "c");
        await host.SeeAsync(seen => string.Join(',', seen.Where(l => l.StartsWith("batch", StringComparison.Ordinal)).Select(l => l[6..])) == "a,b,c");
        await host.Platform.Broker.WaitUntilEmptyAsync(["batch"], Timeout());
    }

    [Fact]
    public async Task Subscription_of_a_topic_is_received_from()
    {
        host.Answer = _ => "complete";
        await host.Platform.SendAsync("topic", [Message("news", "m7", ("cloudEvents_type", "t"), ("replayfor", "all"))]);
        await host.SeeAsync("topic news, m7, a subject, delivery 1, numbered True, p none");
    }

    [Fact]
    public async Task Body_alone_and_properties_are_bound_by_name_and_the_attribute_completes()
    {
        host.Answer = _ => "";
        await host.Platform.SendAsync("text", [Message("words", "m6")]);
        await host.SeeAsync("text words, m6, delivery 1");
        await host.Platform.Broker.WaitUntilEmptyAsync(["text"], Timeout());
    }

    [Fact]
    public async Task Changes_come_and_a_retry_attribute_runs_them_again_in_place()
    {
        host.Answer = line => line is "changes c1, first" or "changes c1, 1/2" ? "fail" : "";
        using var client = new CosmosClient(host.Platform.CosmosConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            HttpClientFactory = () => new HttpClient(host.Platform.CreateCosmosHandler()),
        });
        await client.GetContainer("db", "items").UpsertItemAsync(new { id = "c1", pk = "c1" }, new PartitionKey("c1"));
        await host.SeeAsync("changes c1, 2/2");
    }

    [Fact]
    public async Task Timer_runs_at_startup_and_the_apps_log_lines_are_in_the_hosts()
    {
        await host.SeeAsync("tick, past due False, next 01-01");
        Assert.Contains(host.Log.Lines, line => line == "Warning: A line of the app's own log.");
    }

    [Fact]
    public async Task Event_is_delivered_and_a_failure_is_500()
    {
        host.Answer = line => line.StartsWith("event bad", StringComparison.Ordinal) ? "fail" : "";
        using var good = await DeliverAsync("good");
        using var bad = await DeliverAsync("bad");
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.InternalServerError), (good.StatusCode, bad.StatusCode));
        Assert.Contains("event good of /s: {\"a\":1}", host.Probe.Seen);
    }

    [Fact]
    public async Task Request_is_forwarded_with_route_values_query_body_and_host()
    {
        host.Answer = _ => "";
        using var content = new StringContent("the body");
        using var response = await host.Http.PostAsync("api/echo/w1/7?q=1", content);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal($"POST w1 7 1 {host.Http.BaseAddress!.Authority} the body", await response.Content.ReadAsStringAsync());
        Assert.Equal($"GET w2   {host.Http.BaseAddress!.Authority} ", await host.Http.GetStringAsync("api/echo/w2"));
    }

    [Fact]
    public async Task Routes_of_the_host_decide_and_answer_with_problems()
    {
        using var constraint = await host.Http.GetAsync("api/echo/w/seven");
        using var method = await host.Http.DeleteAsync("api/echo/w");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), (constraint.StatusCode, method.StatusCode));
        Assert.Equal("application/problem+json", constraint.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Function_that_throws_is_500_with_the_id_that_the_log_has_and_nothing_else()
    {
        host.Answer = line => line == "echo throws" ? "fail" : "";
        using var response = await host.Http.GetAsync("api/echo/throws");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsStringAsync());
        var id = response.Headers.GetValues("x-invocation-id").Single();
        Assert.Contains(host.Log.Lines, line => line.Contains($"Echo failed (invocation {id})", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Caller_that_goes_away_sets_the_functions_token()
    {
        host.Answer = line => line == "echo slow" ? "wait" : "";
        using var caller = new CancellationTokenSource();
        var calling = host.Http.GetAsync("api/echo/slow", caller.Token);
        await host.SeeAsync("echo slow");
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        await host.SeeAsync("echo slow cancelled");
    }

    [Fact]
    public void Trigger_that_the_host_does_not_have_is_named_at_the_start() =>
        Assert.Contains(host.Log.Lines, line => line.StartsWith("Warning: Strange is not hosted: its trigger is a pigeonTrigger", StringComparison.Ordinal));

    private static ServiceBusMessage Message(string body, string id, params (string Name, object Value)[] properties)
    {
        var message = new ServiceBusMessage(body) { MessageId = id, Subject = "a subject" };
        foreach (var (name, value) in properties)
            message.ApplicationProperties[name] = value;
        return message;
    }

    private async Task<HttpResponseMessage> DeliverAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "runtime/webhooks/EventGrid?functionName=Event")
        {
            Content = new StringContent($$"""{"specversion":"1.0","id":"{{id}}","source":"/s","type":"t","data":{"a":1} }""", Encoding.UTF8, "application/cloudevents+json"),
        };
        request.Headers.Add("aeg-event-type", "Notification");
        return await host.Http.SendAsync(request);
    }

    private static CancellationToken Timeout() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
}
