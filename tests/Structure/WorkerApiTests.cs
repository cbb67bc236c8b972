using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>
/// The app is compiled against stand-ins here and against the official worker for Azure. So every member that it uses must
/// be one of the official ones: those in worker-api.txt, an approved copy of the official packages' public API.
/// </summary>
public sealed partial class WorkerApiTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_worker_member_that_the_app_uses_is_official()
    {
        var official = ReadOfficial();
        Assert.True(official.Count > 30);
        var used = ReadUsed(typeof(Functions.Relays).Assembly.Location);
        Assert.True(used.Count > 20, "The app uses hardly any worker API: is this the Local build?");
        var missing = new List<string>();
        foreach (var (type, member) in used)
        {
            output.WriteLine($"{type}: {member}");
            if (!official.TryGetValue(type, out var members))
                missing.Add($"{type} is no official type");
            else if (!members.Contains(member))
                missing.Add($"{type} has no official member {member}");
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    /// <summary>Types by full name, each with its members as <c>name(parameter types)</c>, or the name alone for a property or enum value.</summary>
    private static Dictionary<string, HashSet<string>> ReadOfficial()
    {
        var types = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        HashSet<string>? members = null;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Structure", "worker-api.txt")))
        {
            if (Header().Match(line) is { Success: true } header)
            {
                members = types.TryGetValue($"{header.Groups["ns"].Value}.{header.Groups["name"].Value}", out var known) ? known : [];
                types[$"{header.Groups["ns"].Value}.{header.Groups["name"].Value}"] = members;
                continue;
            }

            if (members is null || !line.StartsWith("  ", StringComparison.Ordinal))
                continue;
            if (EnumValues().IsMatch(line))
            {
                foreach (Match value in EnumValues().Matches(line))
                    members.Add(value.Groups["name"].Value);
            }
            else if (Property().Match(line) is { Success: true } property)
            {
                members.Add(property.Groups["name"].Value);
            }
            else if (Method().Match(line) is { Success: true } method)
            {
                members.Add($"{method.Groups["name"].Value}({string.Join(",", ParameterTypes(method.Groups["parameters"].Value))})");
            }
        }

        return types;
    }

    private static IEnumerable<string> ParameterTypes(string parameters)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= parameters.Length; i++)
        {
            if (i < parameters.Length && parameters[i] is '<')
                depth++;
            else if (i < parameters.Length && parameters[i] is '>')
                depth--;
            if (i < parameters.Length && (parameters[i] != ',' || depth > 0))
                continue;
            var parameter = parameters[start..i].Trim();
            start = i + 1;
            if (parameter.Length == 0)
                continue;
            parameter = parameter.Split(" = ")[0];
            parameter = parameter.StartsWith("this ", StringComparison.Ordinal) ? parameter[5..] : parameter;
            yield return parameter[..parameter.LastIndexOf(' ')].Replace(" ", "", StringComparison.Ordinal);
        }
    }

    private static List<(string Type, string Member)> ReadUsed(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var reader = file.GetMetadataReader();
        var used = new List<(string, string)>();
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (StandInType(reader, member.Parent) is not { } type)
                continue;
            var name = reader.GetString(member.Name);
            if (member.GetKind() == MemberReferenceKind.Field)
            {
                used.Add((type, name));
                continue;
            }

            var signature = member.DecodeMethodSignature(new TypeNames(), null);
            if (name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal))
                used.Add((type, name[4..]));
            else
                used.Add((type, $"{(name == ".ctor" ? "ctor" : name)}({string.Join(",", signature.ParameterTypes)})"));
        }

        // Properties that attributes set by name are in their blobs.
        foreach (var handle in reader.CustomAttributes)
        {
            var attribute = reader.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind != HandleKind.MemberReference)
                continue;
            var parent = reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
            if (StandInType(reader, parent) is not { } type)
                continue;
            foreach (var argument in attribute.DecodeValue(new TypeNames()).NamedArguments)
                used.Add((type, argument.Name!));
        }

        return [.. used.Distinct()];
    }

    private static string? StandInType(MetadataReader reader, EntityHandle parent)
    {
        if (parent.Kind != HandleKind.TypeReference)
            return null;
        var type = reader.GetTypeReference((TypeReferenceHandle)parent);
        return type.ResolutionScope.Kind == HandleKind.AssemblyReference
            && reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) == "Pipeline.Local"
                ? $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}"
                : null;
    }

    [GeneratedRegex(@"^(?<ns>[\w.]+): (?:\w+ )*?(?:class|enum|interface|struct) (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Header();

    [GeneratedRegex(@"(?<name>\w+) = -?\d+(?=,|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EnumValues();

    [GeneratedRegex(@" (?<name>\w+) \{ (get|set)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Property();

    [GeneratedRegex(@"(?<name>\w+)(<\w+>)?\((?<parameters>.*)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Method();

    /// <summary>Writes types the way worker-api.txt does.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>, ICustomAttributeTypeProvider<string>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.String => "string",
            PrimitiveTypeCode.Int32 => "int",
            PrimitiveTypeCode.Int64 => "long",
            PrimitiveTypeCode.Double => "double",
            PrimitiveTypeCode.Boolean => "bool",
            PrimitiveTypeCode.Object => "object",
            PrimitiveTypeCode.Void => "void",
            _ => typeCode.ToString(),
        };

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeReference(handle).Name).Split('`')[0];

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Name).Split('`')[0];

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            genericType == "Nullable" ? typeArguments[0] + "?" : $"{genericType}<{string.Join(",", typeArguments)}>";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[]";

        public string GetByReferenceType(string elementType) => "ref " + elementType;

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function";

        public string GetGenericMethodParameter(object? genericContext, int index) => Invariant($"!!{index}");

        public string GetGenericTypeParameter(object? genericContext, int index) => Invariant($"!{index}");

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => "specification";

        public string GetSystemType() => "Type";

        public bool IsSystemType(string type) => type == "Type";

        public string GetTypeFromSerializedName(string name) => name;

        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;
    }
}
