using System.Globalization;
using Azure.Messaging;
using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Local.Worker;

namespace Pipeline.Local.Testing;

/// <summary>Invocations and requests of hosts on a watched platform.</summary>
internal static class WatchedRun
{
    private const string EventGridPath = "/runtime/webhooks/EventGrid";

    /// <summary>Runs an invocation and notes how it ended.</summary>
    public static async Task RunAsync(HostWatch watch, Invocation invocation, Func<Task> run, string host)
    {
        var activity = watch.Activity!;
        using var work = watch.BeginInvocation(invocation.Function.Name);
        Work.Current = work;
        var started = activity.Time.GetUtcNow();
        var input = InputOf(invocation);
        Exception? failure = null;
        try
        {
            await run();
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            if (!watch.IsCrashed)
            {
                activity.Ended(new FunctionInvocation
                {
                    Function = invocation.Function.Name,
                    InvocationId = invocation.InvocationId,
                    Host = host,
                    Input = input,
                    Retry = invocation.Retry?.RetryCount ?? 0,
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

    private static string InputOf(Invocation invocation) => invocation.Input switch
    {
        ServiceBusReceivedMessage message => Of(message),
        ServiceBusReceivedMessage[] messages => $"{messages.Length} messages: {string.Join("; ", messages.Take(3).Select(Of))}",
        CloudEvent e => $"event {e.Id} ({e.Type}, subject {e.Subject})",
        CloudEvent[] events => $"{events.Length} events: {string.Join("; ", events.Take(3).Select(e => e.Id))}",
        HttpRequest request => $"{request.Method} {request.Path}{request.QueryString}",
        TimerInfo timer => timer.IsPastDue ? "timer, past due" : "timer",
        string changes => $"changes, {changes.Length} characters",
        System.Collections.ICollection changes => string.Create(CultureInfo.InvariantCulture, $"{changes.Count} changes"),
        var other => other?.GetType().Name ?? "",
    };

    private static string Of(ServiceBusReceivedMessage message) => message.SessionId is { } session
        ? string.Create(CultureInfo.InvariantCulture, $"message {message.MessageId} (session {session}, delivery {message.DeliveryCount})")
        : string.Create(CultureInfo.InvariantCulture, $"message {message.MessageId} (delivery {message.DeliveryCount})");
}
