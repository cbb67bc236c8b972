using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions;
using Pipeline.Functions;

namespace Pipeline.Tests.Deployment;

/// <summary>The functions of the app and what triggers them.</summary>
internal static class AppFunctions
{
    /// <summary>The classes with functions: those of the sample, and those of the package.</summary>
    public static IReadOnlyList<Type> Classes { get; } =
        [.. new[] { typeof(Sample), typeof(PipelineServices) }.SelectMany(t => t.Assembly.GetTypes()).Where(t => t.GetMethods().Any(IsFunction))];

    public static IReadOnlyList<MethodInfo> Methods { get; } = [.. Classes.SelectMany(t => t.GetMethods()).Where(IsFunction)];

    public static IReadOnlySet<string> Names { get; } = Methods.Select(m => m.GetCustomAttribute<FunctionAttribute>()!.Name).ToHashSet();

    /// <summary>Those that scale each on instances of their own: all but those with an HTTP trigger, which share theirs.</summary>
    public static IReadOnlySet<string> NamesWithoutHttp { get; } = Methods
        .Where(m => !m.GetParameters().SelectMany(p => p.GetCustomAttributes()).Any(a => a is HttpTriggerAttribute))
        .Select(m => m.GetCustomAttribute<FunctionAttribute>()!.Name).ToHashSet();

    /// <summary>Every trigger attribute, of whatever kind.</summary>
    public static IReadOnlyList<Attribute> Triggers { get; } =
        [.. Methods.SelectMany(m => m.GetParameters()).SelectMany(p => p.GetCustomAttributes()).Where(a => a.GetType().Name.Contains("Trigger", StringComparison.Ordinal))];

    /// <summary>The connection settings that triggers name.</summary>
    public static IReadOnlySet<string> Connections { get; } =
        Triggers.Select(t => t.GetType().GetProperty("Connection")?.GetValue(t) as string).OfType<string>().ToHashSet();

    private static bool IsFunction(MethodInfo method) => method.GetCustomAttribute<FunctionAttribute>() is not null;
}
