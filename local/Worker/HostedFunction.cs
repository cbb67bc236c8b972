using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Local.Worker;

/// <summary>A function of the app: how it is declared, and how it is called, in this process or another one.</summary>
internal sealed class HostedFunction
{
    public required string Name { get; init; }

    /// <summary>The method, of a function in this process; <see langword="null"/> in another one.</summary>
    public MethodInfo? Method { get; init; }

    public required FunctionTrigger Trigger { get; init; }

    public required RetryPolicy? Retry { get; init; }

    public required FunctionDefinition Definition { get; init; }

    /// <summary>Makes the instance; <see langword="null"/> for a static method, and in another process.</summary>
    public required Func<IServiceProvider, object>? CreateInstance { get; init; }

    /// <summary>Calls the function with what the invocation holds and leaves its result there.</summary>
    public required Func<Invocation, object?, Task> Call { get; init; }
}

/// <summary>The declaration that functions see.</summary>
internal sealed class MethodDefinition(string name, MethodInfo method) : FunctionDefinition
{
    public override string Name => name;

    public override string EntryPoint { get; } = $"{method.DeclaringType!.FullName}.{method.Name}";

    public override string PathToAssembly => method.DeclaringType!.Assembly.Location;

    public override string Id { get; } = IdOf($"{method.DeclaringType!.FullName}.{method.Name}/{name}");

    public override ImmutableArray<FunctionParameter> Parameters { get; } =
    [
        .. method.GetParameters().Select(p => new FunctionParameter(p.Name!, p.ParameterType, p.HasDefaultValue, p.DefaultValue!)),
    ];

    private static string IdOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
