using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <summary>Invocations and requests of hosts on a watched platform.</summary>
internal static class WatchedRun
{
    private const string EventGridPath = "/runtime/webhooks/EventGrid";

    /// <summary>Runs an invocation and notes how it ended.</summary>
    public static async Task RunAsync(HostWatch watch, Invocation invocation, Func<Task> run, string host)
    {
        var activity = watch.Activity!;
        using var work = watch.BeginInvocation(invocation);
        Work.Current = work;
        var started = activity.Time.GetUtcNow();
        Exception? failure = null;
        try
        {
            await run();
        }
        catch (Exception error)
        {
            failure = invocation.CauseOf(error);
            throw;
        }
        finally
        {
            watch.EndInvocation(invocation);
            if (!watch.IsCrashed)
            {
                activity.Ended(new FunctionInvocation
                {
                    Function = invocation.Function.Name,
                    InvocationId = invocation.InvocationId,
                    Host = host,
                    Input = invocation.Input,
                    Retry = invocation.Retry?.Count ?? 0,
                    StartedAt = started,
                    EndedAt = activity.Time.GetUtcNow(),
                    Exception = failure,
                });
            }
        }
    }

    /// <summary>Counts requests. Must come first.</summary>
    public static void Use(WebApplication app, HostWatch watch) => app.Use(async (HttpContext context, RequestDelegate next) =>
    {
        using var work = watch.Begin(
            "http",
            $"answers {context.Request.Method} {context.Request.Path}",
            isEventGridDelivery: context.Request.Path.Equals(EventGridPath, StringComparison.OrdinalIgnoreCase));
        Work.Current = work;
        await next(context);
    });
}
