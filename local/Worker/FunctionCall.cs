using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Local.Worker;

/// <summary>Compiles the call of a function's method, so that an invocation needs no reflection.</summary>
internal static class FunctionCall
{
    private static readonly MethodInfo _storeResult = Own(nameof(StoreResultAsync));
    private static readonly MethodInfo _storeTask = Own(nameof(StoreTask));

    // Nothing but the method and its attributes goes into a call, and each costs about a millisecond to compile.
    private static readonly ConcurrentDictionary<MethodInfo, Func<Invocation, object?, Task>> _compiled = new();

    /// <exception cref="StartupException">A parameter cannot be bound, or the return type cannot be used.</exception>
    public static Func<Invocation, object?, Task> Compile(MethodInfo method, ParameterInfo triggerParameter, FunctionTrigger trigger)
    {
        if (_compiled.TryGetValue(method, out var compiled))
            return compiled;
        var invocation = Expression.Parameter(typeof(Invocation), "invocation");
        var instance = Expression.Parameter(typeof(object), "instance");
        var arguments = method.GetParameters().Select(p => Argument(p, triggerParameter, trigger, invocation));
        var target = method.IsStatic ? null : Expression.Convert(instance, method.DeclaringType!);
        var body = ToTask(method, Expression.Call(target, method, arguments), trigger, invocation);
        return _compiled.GetOrAdd(method, Expression.Lambda<Func<Invocation, object?, Task>>(body, invocation, instance).Compile());
    }

    private static Expression Argument(
        ParameterInfo parameter, ParameterInfo triggerParameter, FunctionTrigger trigger, ParameterExpression invocation)
    {
        // Not by reference: two hosts that start at once may be given objects of their own for the same parameter.
        if (parameter.Position == triggerParameter.Position)
            return Expression.Convert(Expression.Property(invocation, nameof(Invocation.Input)), parameter.ParameterType);
        if (parameter.ParameterType == typeof(FunctionContext))
            return invocation;
        if (parameter.ParameterType == typeof(CancellationToken))
            return Expression.Property(invocation, nameof(Invocation.CancellationToken));
        return trigger.Argument(parameter, invocation)
            ?? throw new StartupException($"the parameter '{parameter.ParameterType.Name} {parameter.Name}' cannot be bound.");
    }

    private static Expression ToTask(MethodInfo method, Expression call, FunctionTrigger trigger, ParameterExpression invocation)
    {
        var type = method.ReturnType;
        if (type == typeof(void))
            return Expression.Block(call, Expression.Constant(Task.CompletedTask));
        if (type == typeof(Task))
            return Expression.Call(_storeTask, call);
        if (type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            throw new StartupException("it returns a ValueTask, which the worker does not await: return a Task.");
        if (!trigger.TakesResult)
            throw new StartupException($"it returns {type.Name}: output bindings are not offered by the Local build. Return void or Task.");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
            return Expression.Call(_storeResult.MakeGenericMethod(type.GetGenericArguments()), invocation, call);
        return Expression.Block(
            Expression.Assign(Expression.Property(invocation, nameof(Invocation.Result)), Expression.Convert(call, typeof(object))),
            Expression.Constant(Task.CompletedTask));
    }

    private static Task StoreTask(Task? task) => task ?? Task.CompletedTask;

    private static async Task StoreResultAsync<T>(Invocation invocation, Task<T>? task)
    {
        if (task is not null)
            invocation.Result = await task;
    }

    private static MethodInfo Own(string name) => typeof(FunctionCall).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
}
