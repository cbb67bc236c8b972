using System.Diagnostics;
using System.Text.Json;
using Azure.Messaging;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Local.Hosting.Rpc;
using Pipeline.Local.Worker;

namespace Pipeline.Local.Hosting;

/// <summary>Writes an invocation for the worker: what the trigger parameter gets, and what stands beside it.</summary>
internal static class InvocationEncoder
{
    /// <summary>An invocation without input, for a trigger that adds its own.</summary>
    public static InvocationRequest Begin(WorkerFunction function, Invocation invocation)
    {
        var request = new InvocationRequest
        {
            InvocationId = invocation.InvocationId,
            FunctionId = function.Id,
            TraceContext = new RpcTraceContext { TraceParent = Activity.Current?.Id ?? "", TraceState = Activity.Current?.TraceStateString ?? "" },
        };
        if (invocation.Retry is { } retry)
            request.RetryContext = new Rpc.RetryContext { RetryCount = retry.RetryCount, MaxRetryCount = retry.MaxRetryCount };
        return request;
    }

    /// <exception cref="InvalidOperationException">The trigger gives something that cannot be sent.</exception>
    public static InvocationRequest Encode(WorkerFunction function, Invocation invocation)
    {
        var request = Begin(function, invocation);
        if (invocation is ServiceBusInvocation messages)
            ServiceBusInput.Add(request, function.Trigger, messages);
        else
            AddInput(request, function.Trigger, new TypedData { Json = JsonOf(invocation.Input) });
        return request;
    }

    public static void AddInput(InvocationRequest request, RawBinding trigger, TypedData data) =>
        request.InputData.Add(new ParameterBinding { Name = trigger.Name, Data = data });

    private static string JsonOf(object? input) => input switch
    {
        string json => json,
        TimerInfo timer => Of(timer),
        CloudEvent one => JsonSerializer.Serialize(one),
        CloudEvent[] events => JsonSerializer.Serialize(events),
        _ => throw new InvalidOperationException($"A {input?.GetType().Name ?? "null"} cannot be sent to the app."),
    };

    private static string Of(TimerInfo timer)
    {
        var schedule = new Dictionary<string, bool>(StringComparer.Ordinal) { ["AdjustForDST"] = true };
        return JsonSerializer.Serialize(new { Schedule = schedule, timer.ScheduleStatus, timer.IsPastDue });
    }
}
