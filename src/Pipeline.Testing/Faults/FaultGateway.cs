using System.Reflection;

namespace Pipeline.Testing.Faults;

/// <summary>Puts the plan in front of a gateway: each call is an operation, before and after which the process may be killed.</summary>
/// <remarks>Not sealed: the proxy derives from it.</remarks>
internal class FaultGateway : DispatchProxy
{
    private static readonly MethodInfo RunOfResult = typeof(FaultGateway).GetMethod(nameof(RunAsync), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private object _inner = null!;
    private FaultPlan _plan = null!;

    /// <summary>The gateway with the plan in front of it; itself if its type is not an interface.</summary>
    public static object Of(Type gateway, object inner, FaultPlan plan)
    {
        if (!gateway.IsInterface)
            return inner;
        var proxy = (FaultGateway)Create(gateway, typeof(FaultGateway));
        (proxy._inner, proxy._plan) = (inner, plan);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var operation = $"{targetMethod!.DeclaringType!.Name}.{targetMethod.Name}";
        object? Call() => targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, CultureInfo.InvariantCulture);
        if (targetMethod.ReturnType == typeof(Task))
            return _plan.RunAsync(operation, async () => await TaskAsync(Call));
        if (targetMethod.ReturnType.IsGenericType && targetMethod.ReturnType.GetGenericTypeDefinition() == typeof(Task<>))
            return RunOfResult.MakeGenericMethod(targetMethod.ReturnType.GetGenericArguments()).Invoke(this, [operation, (Func<object?>)Call]);
        return _plan.RunAsync(operation, () => Task.FromResult(Call())).GetAwaiter().GetResult();
    }

    private static async Task<bool> TaskAsync(Func<object?> call)
    {
        await (Task)call()!;
        return true;
    }

    private Task<T> RunAsync<T>(string operation, Func<object?> call) => _plan.RunAsync(operation, () => (Task<T>)call()!);
}
