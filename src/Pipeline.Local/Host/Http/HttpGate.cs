using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Hosting;

/// <summary>Stands between routing and the endpoints: keys, and a body for what no endpoint answers.</summary>
internal static class HttpGate
{
    /// <summary>Adds it. Must come after routing.</summary>
    public static void Use(WebApplication app, LocalSettings settings)
    {
        if (settings.EnforceKeys)
            RequireKeys(app, settings);
        app.Use(async (HttpContext context, RequestDelegate next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception error) when (error is not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
            {
                await FailAsync(context, error, app.Logger);
            }

            if (!context.Response.HasStarted && IsNobodysAnswer(context))
                await ExplainAsync(context);
        });
    }

    private static void RequireKeys(WebApplication app, LocalSettings settings)
    {
        // The platform may not be open yet: it opens as the first of the hosted services, the server starts last.
        var check = new Lazy<KeyCheck>(() => new KeyCheck(app.Services.GetRequiredService<LocalPlatform>().Keys, settings));
        app.Lifetime.ApplicationStarted.Register(() => SayWhere(app, settings));
        app.Use((HttpContext context, RequestDelegate next) =>
        {
            var level = context.GetEndpoint()?.Metadata.GetMetadata<RequiredKey>()?.Level ?? KeyLevel.Anonymous;
            if (check.Value.Allows(context.Request, level))
                return next(context);

            // No body, as in Azure.
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
    }

    /// <summary>Where, never what.</summary>
    private static void SayWhere(WebApplication app, LocalSettings settings)
    {
        var keys = app.Services.GetRequiredService<LocalPlatform>().Keys;
        if (keys.Path is { } path)
            app.Logger.LogInformation("Function keys are enforced; they are in {Path}.", path);
        else if (settings.HostKey is null)
            app.Logger.LogWarning("Function keys are enforced, but kept nowhere: set {Setting} to call functions with a key.", LocalSettings.HostKeyName);
        if (settings.HostKey is not null)
            app.Logger.LogInformation("The host key is the value of {Setting}.", LocalSettings.HostKeyName);
    }

    /// <summary>A 404 or 405 that no function gave: what a function answers is left as it is.</summary>
    private static bool IsNobodysAnswer(HttpContext context) =>
        context.Response.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed
        && context.GetEndpoint()?.Metadata.GetMetadata<RequiredKey>() is null;

    /// <summary>What went wrong is for the log; the answer says where to find it.</summary>
    private static Task FailAsync(HttpContext context, Exception error, ILogger log)
    {
        var id = ErrorIds.Next();
        log.LogError(error, "{Method} {Path} failed (error {ErrorId}).", context.Request.Method, context.Request.Path, id);
        context.Response.Clear();
        return LocalProblem.WriteAsync(context, StatusCodes.Status500InternalServerError, "Internal error", $"The log says why under the error id {id}.");
    }

    private static Task ExplainAsync(HttpContext context)
    {
        var isMethod = context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed;
        return LocalProblem.WriteAsync(
            context,
            context.Response.StatusCode,
            isMethod ? "Method not allowed" : "Not found",
            isMethod ? $"This address takes {context.Response.Headers.Allow}." : "No function has this route. GET / lists them.");
    }
}
