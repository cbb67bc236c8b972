using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Pipeline.TestFunctions;

public sealed class KeyFunctions(Probe probe, IConfiguration configuration)
{
    [Function("KeyOpen")]
    public static IResult Open([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Results.Ok();

    [Function("KeyUser")]
    public static IResult User([HttpTrigger(AuthorizationLevel.User, "get")] HttpRequest request) => Results.Ok();

    [Function("KeyFunction")]
    public static IResult Function([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => Results.Ok();

    [Function("KeySystem")]
    public static IResult System([HttpTrigger(AuthorizationLevel.System, "get")] HttpRequest request) => Results.Ok();

    [Function("KeyAdmin")]
    public static IResult Admin([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequest request) => Results.Ok();

    [Function("KeyTimer")]
    public Task Timer([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer) => probe.SeeAsync(configuration["WEBSITE_HOSTNAME"] ?? "none");
}
