using System.Reflection;
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
    public void The_reader_of_CloudEvents_needs_nothing_but_the_base_class_library() =>
        Assert.All(References(typeof(Pipeline.CloudEvents.ReceivedEvent)), name => Assert.StartsWith("System.", name));

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

        var services = typeof(Catalog).Assembly.GetTypes().Where(t => t.Namespace?.Count(c => c == '.') == 2).ToLookup(t => t.Namespace!);
        foreach (var service in services)
        {
            foreach (var member in service.SelectMany(t => t.GetMembers(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)))
            {
                foreach (var type in TypesOf(member))
                    Assert.True(type.Namespace == service.Key || !services.Contains(type.Namespace ?? ""), $"{member.DeclaringType}.{member.Name} uses {type}");
            }
        }
    }

    private static List<string> References(Type type) => [.. type.Assembly.GetReferencedAssemblies().Select(a => a.Name!)];

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodInfo m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)
            .Concat(m.GetMethodBody()?.LocalVariables.Select(v => v.LocalType) ?? []).SelectMany(Unwrap),
        FieldInfo f => Unwrap(f.FieldType),
        PropertyInfo p => Unwrap(p.PropertyType),
        _ => [],
    };

    private static IEnumerable<Type> Unwrap(Type type) => type.GetGenericArguments().SelectMany(Unwrap).Append(type);
}
