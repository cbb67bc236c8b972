using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Local.Worker;

/// <summary>Finds the functions of an assembly and checks them, naming everything that is wrong at once.</summary>
/// <remarks>
/// The codes are those of the official analyzers, for what these or the Azure host would refuse too. A mistake that
/// compiles and then does nothing in Azure must not work here.
/// </remarks>
internal sealed class FunctionIndex
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly TriggerKinds _kinds;
    private readonly List<string> _problems = [];
    private readonly List<HostedFunction> _functions = [];

    private FunctionIndex(TriggerKinds kinds)
    {
        _kinds = kinds;
    }

    /// <exception cref="StartupException">Functions are wrong, or a selected one does not exist.</exception>
    public static IReadOnlyList<HostedFunction> Scan(Assembly assembly, IReadOnlyList<string> selected, TriggerKinds kinds)
    {
        var index = new FunctionIndex(kinds);
        var declared = Find(assembly, selected);
        foreach (var name in selected.Where(s => !declared.Any(d => d.Name.Equals(s, StringComparison.OrdinalIgnoreCase))))
            index._problems.Add($"{LocalSettings.FunctionsName} names '{name}', and {assembly.GetName().Name} has no such function.");
        foreach (var group in declared.GroupBy(d => d.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            index._problems.Add($"{group.Key}: AZFW0017: the name is used by {string.Join(" and ", group.Select(d => Where(d.Method)))}.");
        foreach (var (name, method) in declared)
            index.Add(name, method);
        TriggerKinds.CheckTogether(index._functions, index._problems);
        return index._problems.Count == 0
            ? index._functions
            : throw new StartupException("The functions cannot be hosted:\n  " + string.Join("\n  ", index._problems));
    }

    private static List<(string Name, MethodInfo Method)> Find(Assembly assembly, IReadOnlyList<string> selected) =>
    [
        .. (from type in assembly.GetTypes()
            where type is { IsClass: true, ContainsGenericParameters: false } && (!type.IsAbstract || type.IsSealed)
            from method in type.GetMethods(Declared)
            let attribute = method.GetCustomAttribute<FunctionAttribute>()
            where attribute is not null
            where selected.Count == 0 || selected.Contains(attribute.Name, StringComparer.OrdinalIgnoreCase)
            select (attribute.Name, Method: method)).OrderBy(function => function.Name, StringComparer.Ordinal),
    ];

    private static string Where(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private void Add(string name, MethodInfo method)
    {
        try
        {
            _functions.Add(Create(name, method));
        }
        catch (StartupException problem)
        {
            _problems.Add($"{name} ({Where(method)}): {problem.Message}");
        }
    }

    private HostedFunction Create(string name, MethodInfo method)
    {
        if (!method.IsPublic)
            throw new StartupException("the method is not public; the worker would not see it.");
        if (method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)))
            throw new StartupException("AZFW0002: it is async void, so nobody would wait for it: return a Task.");

        var parameter = TriggerParameter(method);
        var trigger = _kinds.Create(name, parameter.GetCustomAttribute<TriggerBindingAttribute>()!);
        var retry = method.GetCustomAttribute<RetryAttribute>();
        if (retry is not null && !trigger.SupportsRetry)
            throw new StartupException($"AZFW0012: {retry.GetType().Name} is not supported for this trigger; Azure would ignore it.");
        if (trigger.ProblemWith(parameter) is { } problem)
            throw new StartupException(problem);

        return new HostedFunction
        {
            Name = name,
            Method = method,
            Trigger = trigger,
            Retry = retry is null ? null : RetryPolicy.From(retry),
            Definition = new MethodDefinition(name, method),
            CreateInstance = InstanceFactory(method),
            Call = FunctionCall.Compile(method, parameter, trigger),
        };
    }

    private static ParameterInfo TriggerParameter(MethodInfo method)
    {
        var bound = method.GetParameters().Where(p => p.IsDefined(typeof(BindingAttribute))).ToList();
        var triggers = bound.Where(p => p.IsDefined(typeof(TriggerBindingAttribute))).ToList();
        if (triggers.Count != 1)
            throw new StartupException($"it has {triggers.Count} trigger parameters: exactly one is expected.");
        if (bound.Count > 1)
            throw new StartupException($"the parameter '{bound.First(p => p != triggers[0]).Name}' has an input binding, which the Local build does not offer.");
        return triggers[0];
    }

    private static Func<IServiceProvider, object>? InstanceFactory(MethodInfo method)
    {
        if (method.IsStatic)
            return null;
        try
        {
            var factory = ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes);
            return services => factory(services, null);
        }
        catch (InvalidOperationException error)
        {
            throw new StartupException(error.Message, error);
        }
    }
}
