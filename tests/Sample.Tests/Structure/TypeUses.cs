using Mono.Cecil;

namespace Pipeline.Tests;

/// <summary>What types use, read from their assembly.</summary>
internal static class TypeUses
{
    /// <summary>All types that a type names anywhere: in its signatures, and in the code of its methods, static calls included.</summary>
    public static IEnumerable<(TypeReference Type, string Where)> Of(TypeDefinition type)
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

    private static IEnumerable<TypeReference> Unwrap(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Unwrap).Append(generic.ElementType),
        TypeSpecification wrapped => Unwrap(wrapped.ElementType),
        _ => [type],
    };
}
