using Mono.Cecil;
using Pipeline.Contracts;
using Pipeline.Messages;
using Pipeline.Services;

namespace Pipeline.Tests;

/// <summary>Who may reference whom, where project references cannot say it.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Contracts_need_nothing_but_the_base_class_library_and_the_tooling()
    {
        Assert.All(References(typeof(ContractCatalog)), name => Assert.True(name == "Pipeline.Contracts" || name.StartsWith("System.", StringComparison.Ordinal), name));
        Assert.All(References(typeof(Contract)), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_reader_of_CloudEvents_needs_nothing_but_their_SDK() =>
        Assert.All(References(typeof(Pipeline.CloudEvents.ReceivedEvent)), name => Assert.Matches(@"^(System|CloudNative\.CloudEvents)\.?", name));

    [Fact]
    public void The_client_needs_nothing_but_the_base_class_library() =>
        Assert.All(References(typeof(Pipeline.Client.PipelineClient)), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

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
            Assert.All(TypeUses.Of(type), use => Assert.True(
                ServiceOf(use.Type) is null || ServiceOf(use.Type) == ServiceOf(type) || use.Type.Resolve()?.Module != type.Module, $"{use.Where} uses {use.Type}")));
    }

    /// <summary>The bounded context that a type of <c>services/</c> belongs to: the namespace of the outermost type that it is nested in.</summary>
    private static string? ServiceOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Namespace.StartsWith("Pipeline.Services.", StringComparison.Ordinal) ? type.Namespace : null;
    }

    private static List<string> References(Type type) => [.. type.Assembly.GetReferencedAssemblies().Select(a => a.Name!)];
}
