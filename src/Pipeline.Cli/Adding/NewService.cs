using Pipeline.Generation;

namespace Pipeline.Cli.Adding;

/// <summary>A new service: a state, a handler of an event with its consumer, a query over HTTP, and a test if there is a project for it.</summary>
internal static class NewService
{
    public static Addition Of(Workspace workspace, string name, EventRecord handled)
    {
        var service = Names.Kebab(name);
        var services = $"{workspace.NamespaceOf(workspace.Services)}.{name}";
        List<NewFile> files =
        [
            new($"{workspace.Services}/{name}/{name}State.cs", State(name, service, services, handled)),
            new($"{workspace.Functions}/{name}Api.cs", Api(name, service, services, workspace.NamespaceOf(workspace.Functions))),
        ];
        var tests = workspace.ServicesTests();
        if (tests is not null)
            files.Add(new($"{tests}/{name}StateTests.cs", Test(name, services, workspace.NamespaceOf(tests), handled)));
        List<string> next =
        [
            $"{files[0].Path}: replace the counting by what {name} has to remember, decide and publish.",
            $"{files[1].Path}: answers GET /api/{service}/ID.",
        ];
        if (tests is not null)
            next.Add($"{files[2].Path}: test the handler with plain calls: dotnet test {tests}");
        next.Add($"Try it: {Wording.Tool} demo");
        return new Addition(files, IsComplete: true, next);
    }

    private static string State(string name, string service, string @namespace, EventRecord handled) => $$"""
        using Pipeline.Consumers;
        using Pipeline.Decisions;
        using Pipeline.State;
        using {{handled.Namespace}};

        namespace {{@namespace}};

        /// <summary>What {{name}} remembers of one subject of {{handled.Name}}.</summary>
        /// <param name="Id">The subject.</param>
        /// <param name="Count">How many of its events were handled.</param>
        public sealed record {{name}}State(string Id, int Count)
        {
            /// <summary>Gets how it is stored: a document for each subject.</summary>
            public static DocumentState<{{name}}State> Document { get; } = new();

            /// <summary>Gets the consumer: what {{name}} does with the events of the topic '{{handled.Destination}}'.</summary>
            public static Consumer On{{Names.Pascal(handled.Destination)}} { get; } = Consumer.Of("{{handled.Destination}}/{{service}}", "{{service}}", Document)
                .On<{{handled.Name}}>(Handle);

            /// <summary>Decides what follows from an event. It stores and sends nothing itself: both happen later, in one commit.</summary>
            public static Decision<{{name}}State> Handle({{name}}State? state, {{handled.Name}} message, HandlerContext context) =>
                Decision<{{name}}State>.Save(new {{name}}State(context.Partition, (state?.Count ?? 0) + 1));
        }

        """;

    private static string Api(string name, string service, string services, string @namespace) => $$"""
        using Microsoft.AspNetCore.Http;
        using Microsoft.Azure.Functions.Worker;
        using Pipeline.AzureFunctions.Http;
        using Pipeline.Commands;
        using {{services}};
        using static Pipeline.AzureFunctions.Http.Answers;

        namespace {{@namespace}};

        /// <summary>{{name}} over HTTP.</summary>
        public sealed class {{name}}Api(CommandRunner<{{name}}State> commands)
        {
            /// <summary><c>GET /api/{{service}}/{id}</c>: what {{name}} remembers of one subject, or 404.</summary>
            [Function("get-{{service}}")]
            [ApiOperation("Returns what {{name}} remembers of one subject.", Returns = typeof({{name}}State))]
            public Task<IResult> Get(
                [HttpTrigger(AuthorizationLevel.Function, "get", Route = "{{service}}/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
                GuardAsync(request, async () =>
                {
                    var (state, _) = await commands.ReadAsync(id, cancellationToken);
                    return state is null ? Problem(ProblemTypes.NotFound, $"Nothing is known of '{id}'.") : Results.Json(state, ApiJson.Reflection);
                });
        }

        """;

    private static string Test(string name, string services, string @namespace, EventRecord handled) => $$"""
        using Pipeline.Decisions;
        using {{handled.Namespace}};
        using {{services}};
        using Xunit;

        namespace {{@namespace}};

        public sealed class {{name}}StateTests
        {
            [Fact]
            public void Each_event_is_counted()
            {
                var context = new HandlerContext { MessageId = "m-1", CorrelationId = "c-1", Partition = "a", Now = DateTimeOffset.UnixEpoch };

                var decision = {{name}}State.Handle(new {{name}}State("a", 1), {{handled.Example()}}, context);

                Assert.Equal(new {{name}}State("a", 2), decision.State);
            }
        }

        """;
}
