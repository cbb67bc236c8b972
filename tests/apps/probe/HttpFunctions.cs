using System.Net;
using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;

namespace Pipeline.ProbeApp;

public sealed class HttpFunctions(Probe probe, IConfiguration settings)
{
    [Function("Echo")]
    public async Task<IResult> Echo(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "echo/{word}/{number:int?}")] HttpRequest request,
        string word,
        int? number,
        CancellationToken cancellation)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync(cancellation);
        await probe.TellAsync($"echo {word}", cancellation);
        return Results.Text(Invariant($"{request.Method} {word} {number} {request.Query["q"]} {request.Host} {body}"), statusCode: StatusCodes.Status202Accepted);
    }

    [Function("Send")]
    public async Task<IResult> Send([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "send/{queue}")] HttpRequest request, string queue, CancellationToken cancellation)
    {
        using var reader = new StreamReader(request.Body);
        await using var client = new ServiceBusClient(settings["ServiceBus"]);
        await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage(await reader.ReadToEndAsync(cancellation)) { MessageId = "by the app" }, cancellation);
        return Results.NoContent();
    }

    [Function("Process")]
    public static IResult Process([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "process")] HttpRequest request) =>
        Results.Text(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    /// <summary>For apps whose requests come with the invocation.</summary>
    [Function("Data")]
    public static async Task<HttpResponseData> Data(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "data/{word}")] HttpRequestData request, string word)
    {
        var body = await request.ReadAsStringAsync();
        var response = request.CreateResponse(HttpStatusCode.Created);
        response.Headers.Add("x-own", request.Headers.GetValues("x-sent").Single());
        await response.WriteStringAsync($"{word} {request.Query["q"]} {body}");
        return response;
    }
}
