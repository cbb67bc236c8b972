using System.Reflection;
using System.Xml.Linq;
using Mono.Cecil;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.Http;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Services;
using Pipeline.Tests.Deployment;

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
    public void Services_need_nothing_of_Azure_and_not_the_core() => Assert.All(
        AllReferences(typeof(Catalog)),
        name => Assert.True(name is "Pipeline.Abstractions" or "Pipeline.Contracts" or "Pipeline.Sample.Contracts" || IsBaseClassLibrary(name), name));

    [Fact]
    public void What_services_are_written_against_needs_nothing_but_the_contract_tooling()
    {
        Assert.Contains("Pipeline.Contracts", AllReferences(typeof(Consumer)));
        Assert.All(AllReferences(typeof(Consumer)), name => Assert.True(name == "Pipeline.Contracts" || IsBaseClassLibrary(name), name));
    }

    [Fact]
    public void The_core_knows_no_order_no_trigger_and_no_service_bus_type() =>
        Assert.DoesNotContain(
            References(typeof(ConsumerRunner)),
            name => (name.StartsWith("Pipeline", StringComparison.Ordinal) && name is not ("Pipeline.Abstractions" or "Pipeline.Client" or "Pipeline.CloudEvents" or "Pipeline.Contracts"))
                || name.Contains("Functions", StringComparison.Ordinal)
                || name.Contains("ServiceBus", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Fact]
    public void The_functions_package_knows_nothing_of_the_sample() => Assert.Equal(
        ["Pipeline", "Pipeline.Abstractions", "Pipeline.Client", "Pipeline.CloudEvents", "Pipeline.Contracts"],
        References(typeof(PipelineServices)).Where(name => name.StartsWith("Pipeline", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    /// <summary>One set of records: what an operator's endpoint reads or answers is the very type that the client has.</summary>
    [Fact]
    public void Operators_endpoints_have_no_records_of_their_own()
    {
        var records = OpenApi.Functions(typeof(PipelineServices).Assembly)
            .Where(f => f.Method.DeclaringType is { Namespace: "Pipeline.AzureFunctions.OperatorApi", Name: not "ContractsApi" })
            .SelectMany(f => new[] { f.Operation.Body, f.Operation.Returns }).OfType<Type>().Distinct().ToList();
        Assert.True(records.Count > 20, "The endpoints are not found.");
        Assert.All(records, record => Assert.Equal("Pipeline.Client", record.Assembly.GetName().Name));
    }

    [Fact]
    public void The_testing_package_knows_nothing_of_the_sample_and_of_no_test_framework() => Assert.All(
        References(typeof(PipelineSimulation)),
        name => Assert.True(
            name.StartsWith("Pipeline", StringComparison.Ordinal)
                ? name is "Pipeline" or "Pipeline.Abstractions" or "Pipeline.AzureFunctions" or "Pipeline.Client" or "Pipeline.Contracts" or "Pipeline.Local"
                : IsBaseClassLibrary(name) || name.StartsWith("Azure.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal),
            name));

    /// <summary>The sample can change without the tests of the core: neither their project nor what it references knows the sample.</summary>
    [Fact]
    public void The_tests_of_the_core_reference_nothing_of_the_sample()
    {
        var projects = Projects("tests/Pipeline.Tests/Pipeline.Tests.csproj");
        Assert.Contains("tests/apps/bookings/bookings.csproj", projects);
        Assert.Contains("src/Pipeline/Pipeline.csproj", projects);
        Assert.All(projects, project => Assert.Matches("^(src|tests)/", project));
        Assert.All(
            Repository.Sources("tests/Pipeline.Tests", "tests/apps/bookings", "tests/shared/simulation"),
            source => Assert.DoesNotMatch(@"\bPipeline\.(Functions|Services|Contracts\.[A-Z]\w*)\b", source.Value));
    }

    [Fact]
    public void A_service_uses_no_type_of_another_service()
    {
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

    private static bool IsBaseClassLibrary(string name) => name is "System" || name.StartsWith("System.", StringComparison.Ordinal);

    /// <summary>The assemblies that the assembly of a type references, and those that its assemblies of this repository reference.</summary>
    private static HashSet<string> AllReferences(Type type)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        var left = new Queue<Assembly>([type.Assembly]);
        while (left.TryDequeue(out var assembly))
        {
            foreach (var reference in assembly.GetReferencedAssemblies().Where(r => all.Add(r.Name!) && r.Name!.StartsWith("Pipeline", StringComparison.Ordinal)))
                left.Enqueue(Assembly.Load(reference));
        }

        return all;
    }

    /// <summary>A project and all that it references, from the root.</summary>
    private static HashSet<string> Projects(string project)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        var left = new Queue<string>([project]);
        while (left.TryDequeue(out var next))
        {
            var folder = Path.GetDirectoryName(Repository.PathOf(next))!;
            foreach (var reference in XDocument.Load(Repository.PathOf(next)).Descendants("ProjectReference").Select(r => r.Attribute("Include")!.Value))
            {
                var path = Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(folder, reference))).Replace('\\', '/');
                if (all.Add(path))
                    left.Enqueue(path);
            }
        }

        return all;
    }

    private static List<string> References(Type type) => [.. type.Assembly.GetReferencedAssemblies().Select(a => a.Name!)];
}
