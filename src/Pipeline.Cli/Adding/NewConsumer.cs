using Pipeline.Generation;

namespace Pipeline.Cli.Adding;

/// <summary>A new consumer of a service that is there: a handler of an event on the state of the service.</summary>
internal static class NewConsumer
{
    /// <param name="workspace">The application.</param>
    /// <param name="name">The name of the class, and of the subscription.</param>
    /// <param name="service">The service.</param>
    /// <param name="handled">The event.</param>
    /// <param name="states">The states of all services.</param>
    /// <exception cref="CliFailure">The service has no state, or several.</exception>
    public static Addition Of(Workspace workspace, string name, string service, EventRecord handled, IReadOnlyList<ServiceState> states)
    {
        var own = states.Where(s => s.Service == service).ToList();
        if (own is not [var state])
        {
            throw new CliFailure(own.Count == 0
                ? $"There is no service '{service}'.{Nearest.Hint(service, states.Select(s => s.Service))} The services are {string.Join(", ", states.Select(s => s.Service).Distinct(StringComparer.Ordinal))}. A new one: {Wording.Tool} add service NAME --on {handled.Name}"
                : $"The service '{service}' has several states: {string.Join(", ", own.Select(s => s.Type))}. Write the consumer beside the one that it changes: Consumer.Of(\"{handled.Destination}/{Names.Kebab(name)}\", \"{service}\", ...).On<{handled.Name}>(...)");
        }

        var path = $"{workspace.Services}/{Names.Pascal(service)}/{name}.cs";
        return new Addition([new NewFile(path, Code(workspace, name, service, handled, state))], IsComplete: true,
        [
            $"{path}: decide what follows from the event: what to save, what to publish. Test it with plain calls.",
            $"The partition is the subject of the event, {handled.SubjectRule}; if the state belongs to another one, add .PartitionBy<{handled.Name}>(...).",
        ]);
    }

    private static string Code(Workspace workspace, string name, string service, EventRecord handled, ServiceState state)
    {
        var @namespace = $"{workspace.NamespaceOf(workspace.Services)}.{Names.Pascal(service)}";
        var usings = new SortedSet<string>(StringComparer.Ordinal) { "Pipeline.Consumers", "Pipeline.Decisions", handled.Namespace, state.Namespace };
        usings.Remove(@namespace);
        return $$"""
            {{string.Join("\n", usings.Select(n => $"using {n};"))}}

            namespace {{@namespace}};

            /// <summary>What the service '{{service}}' does with {{handled.Name}}.</summary>
            public static class {{name}}
            {
                /// <summary>Gets the consumer.</summary>
                public static Consumer On{{Names.Pascal(handled.Destination)}} { get; } = Consumer.Of("{{handled.Destination}}/{{Names.Kebab(name)}}", "{{service}}", {{state.Property}})
                    .On<{{handled.Name}}>(Handle);

                /// <summary>Decides what follows from an event. It stores and sends nothing itself: both happen later, in one commit.</summary>
                public static Decision<{{state.Name}}> Handle({{state.Name}}? state, {{handled.Name}} message, HandlerContext context) =>
                    Decision<{{state.Name}}>.Nothing();
            }

            """;
    }
}
