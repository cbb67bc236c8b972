using Mono.Cecil;
using Pipeline.Contracts;
using Pipeline.Messages;
using Pipeline.Services;

namespace Pipeline.Tests;

/// <summary>Who may reference whom, where project references cannot say it.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Contracts_need_nothing_but_the_base_class_library() =>
        Assert.All(References(typeof(ContractCatalog)), name => Assert.StartsWith("System.", name));

    [Fact]
    public void The_reader_of_CloudEvents_needs_nothing_but_their_SDK() =>
        Assert.All(References(typeof(Pipeline.CloudEvents.ReceivedEvent)), name => Assert.Matches(@"^(System|CloudNative\.CloudEvents)\.?", name));

    [Fact]
    public void The_machine_knows_no_order_no_trigger_and_no_service_bus_type() =>
        Assert.DoesNotContain(
            References(typeof(MessageCatalog)),
            name => (name.StartsWith("Pipeline", StringComparison.Ordinal) && name != "Pipeline.CloudEvents")
                || name.Contains("Functions", StringComparison.Ordinal)
                || name.Contains("ServiceBus", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Fact]
    public void The_services_know_no_trigger_and_share_nothing_but_contracts()
    {
        Assert.DoesNotContain(
            References(typeof(Catalog)),
            name => name is "Pipeline.Local" or "Pipeline.Functions" || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

        using var assembly = AssemblyDefinition.ReadAssembly(typeof(Catalog).Assembly.Location);
        var types = assembly.MainModule.GetTypes().Where(t => ServiceOf(t) is not null).ToLookup(t => ServiceOf(t)!);
        Assert.True(types.Count > 5, "The services are not found.");
        Assert.All(types.SelectMany(service => service), type =>
            Assert.All(Uses(type), use => Assert.True(
                ServiceOf(use.Type) is null || ServiceOf(use.Type) == ServiceOf(type) || use.Type.Resolve()?.Module != type.Module, $"{use.Where} uses {use.Type}")));
    }

    /// <summary>The bounded context that a type of <c>services/</c> belongs to: the namespace of the outermost type that it is nested in.</summary>
    private static string? ServiceOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Namespace.StartsWith("Pipeline.Services.", StringComparison.Ordinal) ? type.Namespace : null;
    }

    /// <summary>All types that a type names anywhere: in its signatures, and in the code of its methods, static calls included.</summary>
    private static IEnumerable<(TypeReference Type, string Where)> Uses(TypeDefinition type)
    {
        var members = type.Fields.Select(f => (f.FieldType, f.FullName))
            .Concat(type.Interfaces.Select(i => (i.InterfaceType, type.FullName)))
            .Concat(type.CustomAttributes.Select(a => (a.AttributeType, type.FullName)));
        if (type.BaseType is { } parent)
            members = members.Append((parent, type.FullName));
        foreach (var method in type.Methods)
        {
            members = members.Concat(method.Parameters.Select(p => (p.ParameterType, method.FullName))).Append((method.ReturnType, method.FullName));
            if (method.HasBody)
            {
                members = members
                    .Concat(method.Body.Variables.Select(v => (v.VariableType, method.FullName)))
                    .Concat(method.Body.Instructions.SelectMany(i => NamedBy(i.Operand)).Select(t => (t, method.FullName)));
            }
        }

        return members.SelectMany(m => Unwrap(m.Item1).Select(t => (t, m.Item2)));
    }

    private static IEnumerable<TypeReference> NamedBy(object? operand) => operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [.. method.GenericArguments, .. NamedBy(method.ElementMethod)],
        MethodReference method => [method.DeclaringType, method.ReturnType, .. method.Parameters.Select(p => p.ParameterType)],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static List<string> References(Type type) => [.. type.Assembly.GetReferencedAssemblies().Select(a => a.Name!)];

    private static IEnumerable<TypeReference> Unwrap(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Unwrap).Append(generic.ElementType),
        TypeSpecification wrapped => Unwrap(wrapped.ElementType),
        _ => [type],
    };
}
