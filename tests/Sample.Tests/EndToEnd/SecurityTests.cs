using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.OperatorApi;
using Pipeline.Local.Hosting;

namespace Pipeline.Tests;

/// <summary>The app as a process with keys enforced: who gets in, and that no secret comes out, over HTTP or in the log.</summary>
public sealed class SecurityTests : IDisposable
{
    private const string HostKey = "a-host-key-for-this-test";
    private const string Token = "a-token-for-this-test";

    private readonly string _directory = Directory.CreateTempSubdirectory("pipeline-security-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Operators_need_a_key_customers_do_not_and_no_secret_comes_out()
    {
        await using var app = await FunctionsProcess.StartAsync(
            _directory, "--Local:Keys=on", $"--Local:HostKey={HostKey}", $"--Webhooks:carrier:tokenSha256={Webhooks.WebhookRequests.Digest(Token)}");
        var answers = new StringBuilder();
        async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, string? key, object? body = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            if (key is not null)
                request.Headers.Add("x-functions-key", key);
            request.Headers.Add("Idempotency-Key", "k");
            using var response = await app.Http.SendAsync(request);
            answers.Append(response.Headers).Append(await response.Content.ReadAsStringAsync());
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(HttpMethod.Put, "api/stock/a", null, new { onHand = 5 }));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Put, "api/stock/a", HostKey, new { onHand = 5 }));
        Assert.Equal(HttpStatusCode.Created, await SendAsync(HttpMethod.Post, "api/orders", null, Api.OrderOf("c-1", ("a", 1))));
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.SendWebhookAsync(Token)).StatusCode);
        foreach (var (method, path) in OperatorRoutes())
        {
            Assert.True(await SendAsync(method, path, null) == HttpStatusCode.Unauthorized, path);
            Assert.True(await SendAsync(method, path, "wrong") == HttpStatusCode.Unauthorized, path);
            Assert.True(await SendAsync(method, path, HostKey) is not (HttpStatusCode.Unauthorized or HttpStatusCode.InternalServerError), path);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(HttpMethod.Get, "admin/host/status", HostKey));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, "", null));

        var keys = File.ReadAllText(Path.Combine(_directory, HostKeys.FileName)).Split('"').Where(text => text.Length == 64).ToList();
        Assert.Equal(3, keys.Count);
        foreach (var secret in (string[])[.. keys, HostKey, Token, Webhooks.WebhookRequests.Digest(Token), "AccountKey", "SharedAccessKey=", "C2y6yDjf5"])
        {
            Assert.DoesNotContain(secret, answers.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(secret, app.Output, StringComparison.Ordinal);
        }

        Assert.Contains(HostKeys.FileName, app.Output, StringComparison.Ordinal);
    }

    private static IEnumerable<(HttpMethod Method, string Path)> OperatorRoutes() =>
        from method in typeof(OperatorsApi).GetMethods()
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where trigger is { AuthLevel: >= AuthorizationLevel.Function }
        select (HttpMethod.Parse(trigger.Methods![0]), "api/" + trigger.Route!.Replace("{container}", "ordering").Replace('{', 'x').Replace('}', 'x'));
}

internal static class SecurityRequests
{
    public static Task<HttpResponseMessage> SendWebhookAsync(this HttpClient http, string token) => http.PostAsync(
        $"api/webhooks/carrier?access_token={token}",
        new StringContent(Webhooks.WebhookRequests.Event(), Encoding.UTF8, Webhooks.WebhookRequests.Structured));
}
