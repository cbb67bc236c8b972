using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.Functions;

namespace Pipeline.Tests.Webhooks;

/// <summary>Settings and requests for tests of the webhook receiver.</summary>
internal static class WebhookRequests
{
    public const string Token = "the-carriers-token";
    public const string NextToken = "the-carriers-next-token";
    public const string Structured = "application/cloudevents+json";
    public const string Batch = "application/cloudevents-batch+json";
    public const string Delivered = "com.contoso.carrier.parcel-delivered.v1";

    public static string[] Settings { get; } =
    [
        $"--Webhooks:carrier:tokenSha256={Digest(Token)}, {Digest(NextToken).ToUpperInvariant()}",
        "--Webhooks:carrier:origins=eventgrid.azure.net, carrier.example",
    ];

    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>A structured event with everything that is required; further members override or add.</summary>
    public static string Event(string orderId = "o-1", string id = "1", string? more = null) =>
        $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"https://carrier.example/depot","type":"{{{Delivered}}}",{{{more}}}{{{(more is null ? "" : ",")}}}"data":{"orderId":"{{{orderId}}}","deliveredAt":"2026-01-31T12:00:00Z"}}""";

    public static async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Response)> SendAsync(
        this HttpClient http, string body, string? contentType = Structured, string path = "api/webhooks/carrier", string? token = Token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    public static void AssertProblem(this (HttpStatusCode Status, string Body, HttpResponseMessage Response) answer, HttpStatusCode status, string says)
    {
        Assert.True(status == answer.Status, Invariant($"{(int)answer.Status} instead of {(int)status}: {answer.Body}"));
        Assert.Equal("application/problem+json", answer.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)status, JsonDocument.Parse(answer.Body).RootElement.GetProperty("status").GetInt32());
        Assert.Contains(says, JsonDocument.Parse(answer.Body).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    public static Task<List<JsonElement>> ShippingAsync(this RunningPipeline pipeline, string? kind) =>
        Invariants.AllAsync(pipeline.Container(Names.Shipping), kind);
}
