using System.Diagnostics;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>Writes an invocation for the worker: what the trigger parameter gets, and what stands beside it.</summary>
internal static class InvocationEncoder
{
    /// <summary>An invocation without input, for a trigger that adds its own.</summary>
    public static InvocationRequest Begin(Invocation invocation)
    {
        var request = new InvocationRequest
        {
            InvocationId = invocation.InvocationId,
            FunctionId = invocation.Function.Id,
            TraceContext = new RpcTraceContext { TraceParent = Activity.Current?.Id ?? "", TraceState = Activity.Current?.TraceStateString ?? "" },
        };
        if (invocation.Retry is { } retry)
            request.RetryContext = new RetryContext { RetryCount = retry.Count, MaxRetryCount = retry.Max };
        return request;
    }

    public static InvocationRequest Encode(Invocation invocation)
    {
        var request = Begin(invocation);
        if (invocation is ServiceBusInvocation messages)
            ServiceBusInput.Add(request, messages);
        else
            AddInput(request, invocation.Function, new TypedData { Json = ((JsonInvocation)invocation).Json });
        return request;
    }

    public static void AddInput(InvocationRequest request, HostedFunction function, TypedData data) =>
        request.InputData.Add(new ParameterBinding { Name = function.Binding.Name, Data = data });
}
