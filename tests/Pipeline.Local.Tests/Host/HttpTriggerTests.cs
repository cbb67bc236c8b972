using System.Net;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;
using Pipeline.Local;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Hosting;

public sealed class HttpTriggerTests
{
    private const string All = "HttpRoute,HttpAction,HttpThrows,HttpDefaults";

    [Theory]
    [InlineData("/api/orders/7/lines/9000000000/0f8fad5b-d9cb-469f-a165-70867728950e/true/abc", "7 9000000000 0f8fad5b-d9cb-469f-a165-70867728950e True abc")]
    [InlineData("/api/orders/7/lines/1/0f8fad5b-d9cb-469f-a165-70867728950e/false", "7 1 0f8fad5b-d9cb-469f-a165-70867728950e False ")]
    public async Task Route_values_are_bound_to_parameters_by_name(string path, string expected)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        Assert.Equal(expected, await host.Http.GetStringAsync(path));
    }

    [Fact]
    public async Task Route_is_the_function_name_by_default_and_any_method_is_served()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        using var response = await host.Http.PutAsync("/api/HttpDefaults", null);
        Assert.Equal("PUT", response.Headers.GetValues("X-Method").Single());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Unknown_route_is_404_and_wrong_method_is_405()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        using var unknown = await host.Http.GetAsync("/api/nothing");
        using var wrong = await host.Http.GetAsync("/api/HttpAction");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        foreach (var response in (HttpResponseMessage[])[unknown, wrong])
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
            Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        }

        Assert.Contains("POST", await wrong.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Action_result_is_written()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        using var response = await host.Http.PostAsync("/api/HttpAction", new StringContent("x"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("""{"body":"x"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Exception_is_500_without_details_and_an_error_in_the_log()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        using var response = await host.Http.GetAsync("/api/HttpThrows");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsStringAsync());
        var invocation = response.Headers.GetValues("x-invocation-id").Single();
        Assert.Contains(host.Log.Lines, line => line.StartsWith($"Error: HttpThrows failed (invocation {invocation})", StringComparison.Ordinal) && line.Contains("a secret"));
    }

    [Fact]
    public async Task Start_page_lists_the_functions_and_status_is_running()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        Assert.Contains("POST /api/HttpAction", await host.Http.GetStringAsync("/"));
        Assert.Equal("""{"state":"Running"}""", await host.Http.GetStringAsync("/admin/host/status"));
    }

    [Theory]
    [InlineData(null, "text/plain", "  POST /api/HttpAction  (HttpAction)\n")]
    [InlineData("*/*", "text/plain", "  POST /api/HttpAction  (HttpAction)\n")]
    [InlineData("application/json", "application/json", """{"name":"HttpAction","trigger":"httpTrigger","description":"POST /api/HttpAction","methods":["POST"],"route":"/api/HttpAction","level":"Anonymous"}""")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "text/html", "<td>POST</td><td><code>/api/HttpAction</code></td><td>HttpAction</td>")]
    [InlineData("text/html;q=0.5,application/json", "application/json", "\"state\":\"Running\"")]
    [InlineData("text/html", "text/html", ">Running</span>")]
    [InlineData("text/html", "text/html", "<a href=\"/api/HttpDefaults\">")]
    public async Task Start_page_is_for_people_and_for_programs(string? accept, string type, string expected)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (accept is not null)
            request.Headers.Add("Accept", accept);
        using var response = await host.Http.SendAsync(request);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Accept", response.Headers.Vary.Single());
        Assert.Contains(expected, page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_page_loads_nothing_from_elsewhere()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };
        using var response = await host.Http.SendAsync(request);
        Assert.StartsWith("default-src 'none'; ", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("//", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_prefix_over_that_of_host_json_is_refused_since_the_app_would_not_know_it()
    {
        await using var platform = TestPlatform.Open();
        var error = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(
            platform, All, settings: ["--AzureFunctionsJobHost:extensions:http:routePrefix", "v1"]));
        Assert.Contains("routePrefix is 'v1'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'api'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Middleware_runs_around_every_invocation_outermost_first()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All, builder =>
        {
            builder.UseMiddleware<OuterMiddleware>();
            builder.UseWhen(context => context.FunctionDefinition.Name == "HttpDefaults", async (context, next) =>
            {
                ((List<string>)context.Items["steps"]).Add("when");
                await next();
            });
        });
        using var response = await host.Http.GetAsync("/api/HttpDefaults");
        Assert.Equal(["before HttpDefaults", "in", "when", "after"], host.Probe.Seen);
    }

    [Fact]
    public async Task Trace_context_is_the_callers_and_invocation_ids_differ()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, All);
        async Task<(string Trace, string Id)> CallAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/HttpDefaults");
            request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            using var response = await host.Http.SendAsync(request);
            return (response.Headers.GetValues("X-Trace").Single(), response.Headers.GetValues("X-Invocation").Single());
        }

        var first = await CallAsync();
        var second = await CallAsync();
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", first.Trace);
        Assert.NotEqual(first.Id, second.Id);
    }
}

internal sealed class OuterMiddleware(Probe probe) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var steps = new List<string>();
        context.Items["steps"] = steps;
        await probe.SeeAsync($"before {context.FunctionDefinition.Name}");
        await probe.SeeAsync("in");
        await next(context);
        foreach (var step in steps)
            await probe.SeeAsync(step);
        await probe.SeeAsync("after");
    }
}
