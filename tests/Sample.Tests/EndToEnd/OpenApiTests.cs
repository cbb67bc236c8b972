using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Pipeline.AzureFunctions.Http;
using Pipeline.AzureFunctions.OperatorApi;
using Pipeline.Functions;
using PipelineJson = Pipeline.Client.PipelineJson;

namespace Pipeline.Tests;

/// <summary>The OpenAPI document against the functions of a running pipeline: what they are, what they take, what they answer.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    private RunningPipeline pipeline = null!;
    private JsonObject document = null!;

    public async Task InitializeAsync()
    {
        pipeline = await RunningPipeline.StartAsync();
        document = (await pipeline.Http.GetFromJsonAsync<JsonObject>("api/openapi.json"))!;
    }

    public async Task DisposeAsync() => await pipeline.DisposeAsync();

    [Fact]
    public async Task It_has_every_http_function_with_its_methods_route_and_key()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "application/json" } } };
        using var answer = await pipeline.Http.SendAsync(request);
        var functions = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["functions"]!.AsArray()
            .Where(f => f!["trigger"]!.GetValue<string>() == "httpTrigger")
            .SelectMany(f => f!["methods"]!.AsArray().Select(m => $"{m!.GetValue<string>()} {f["route"]} {f["level"]}"))
            .ToList();

        Assert.True(functions.Count > 40);
        Assert.Equal(
            functions.Order(StringComparer.Ordinal),
            Operations().Select(o => $"{o.Method.ToUpperInvariant()} /api{o.Path} {(o.Says["security"]!.ToJsonString().Contains("key", StringComparison.Ordinal) ? "Function" : "Anonymous")}")
                .Order(StringComparer.Ordinal));
        Assert.Equal("/api", document["servers"]![0]!["url"]!.GetValue<string>());
        var ids = Operations().Select(o => o.Says["operationId"]!.GetValue<string>()).ToList();
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task Its_parameters_are_those_that_the_functions_take()
    {
        var strict = 0;
        foreach (var (method, path, says) in Operations())
        {
            var address = "api" + path.Replace("{day}", "2026-01-01", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(method), $"{address}?nonsense=1");
            using var answer = await pipeline.Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            var detail = text.StartsWith('{') ? JsonNode.Parse(text)!["detail"]?.GetValue<string>() ?? "" : "";

            Assert.Equal(
                Parameters(says, "header").Any(p => p["required"]!.GetValue<bool>()),
                detail.StartsWith("Send an 'Idempotency-Key' header", StringComparison.Ordinal));
            Assert.Equal(
                path.Split('{').Skip(1).Select(part => part[..part.IndexOf('}', StringComparison.Ordinal)]),
                Parameters(says, "path").Select(p => p["name"]!.GetValue<string>()));

            var declared = Parameters(says, "query").Select(p => p["name"]!.GetValue<string>()).ToList();
            if (detail.Contains("is not a query parameter", StringComparison.Ordinal))
            {
                strict++;
                var names = Regex.Match(detail, @"(?:Known are:|It takes) (?<names>[\w, ]+)\.$").Groups["names"].Value;
                var known = names is "" or "none" ? [] : names.Split(", ");
                Assert.Equal(known, declared);
            }
            else
            {
                Assert.Empty(declared);
            }
        }

        Assert.True(strict > 25, Invariant($"Only {strict} functions refuse unknown parameters."));
    }

    [Fact]
    public void Its_bodies_and_answers_are_the_records_that_the_code_reads_and_writes()
    {
        using var app = AssemblyDefinition.ReadAssembly(typeof(Sample).Assembly.Location);
        using var package = AssemblyDefinition.ReadAssembly(typeof(OpenApi).Assembly.Location);
        foreach (var function in OpenApi.Functions(typeof(Sample).Assembly))
        {
            var declaring = function.Method.DeclaringType!;
            var code = Reached((declaring.Assembly == typeof(Sample).Assembly ? app : package).MainModule.GetType(declaring.FullName), function.Method.Name).ToList();
            var used = code.Where(m => m.DeclaringType.Name is nameof(SampleJson) or nameof(PipelineJson) or nameof(SchemasJson) or nameof(ProblemJson)).Select(m => m.Name).Where(n => n != "get_Readable").Select(n => n["get_".Length..]);
            var declared = new[] { function.Operation.Body, function.Operation.Returns }.OfType<Type>()
                .Select(t => t.IsGenericType ? t.Name[..t.Name.IndexOf('`', StringComparison.Ordinal)] + t.GenericTypeArguments[0].Name : t.Name);
            Assert.True(
                used.ToHashSet(StringComparer.Ordinal).SetEquals(declared),
                $"{function.Name} reads and writes {string.Join(", ", used.Distinct(StringComparer.Ordinal))}; its [ApiOperation] says {string.Join(", ", declared)}.");
            Assert.True(function.Method.IsDefined(typeof(ApiOperationAttribute), inherit: false), $"{function.Name} has no [ApiOperation].");
            Assert.Equal(code.Any(m => m.Name == nameof(Requests.TryReadIdempotencyKey)), function.Operation.IdempotencyKey != IdempotencyKey.None);
            Assert.Equal(code.Any(m => m.Name == nameof(Requests.ReadJsonAsync)), function.Operation.Body is not null);
        }
    }

    [Fact]
    public async Task What_a_pipeline_answers_is_as_the_document_says()
    {
        await pipeline.Http.SetStockAsync("a", 10);
        var order = await pipeline.Http.PlaceAsync("k", "c-1", ("a", 2));
        await pipeline.Http.WaitUntilFinalAsync([order]);
        await pipeline.WaitUntilQuietAsync();
        var flow = (await pipeline.Http.GetFromJsonAsync<JsonObject>($"api/orders/{order}"))!["correlationId"]!.GetValue<string>();

        foreach (var (path, address, status) in ((string, string, int)[])
        [
            ("/orders/{id}", $"orders/{order}", 200), ("/orders/{id}", "orders/o-none", 404), ("/payments/{orderId}", $"payments/{order}", 200),
            ("/shipments/{orderId}", $"shipments/{order}", 200), ("/notifications/{orderId}", $"notifications/{order}", 200), ("/stock/{sku}", "stock/a", 200),
            ("/flows/{correlationId}", $"flows/{flow}", 200), ("/status", "status", 200), ("/blocked", "blocked", 200), ("/handled", "handled", 200),
            ("/activity", "activity", 200), ("/activity", "activity?since=never", 400), ("/dead-letters", "dead-letters?status=all", 200),
            ("/dead-letters/groups", "dead-letters/groups", 200), ("/outbox/quarantined", "outbox/quarantined", 200), ("/replays", "replays", 200), ("/schemas", "schemas", 200),
            ("/health", "health", 200), ("/simulator/carrier-faults", "simulator/carrier-faults", 200),
        ])
        {
            using var answer = await pipeline.Http.GetAsync($"api/{address}");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(status == (int)answer.StatusCode, $"{address}: {answer.StatusCode}, {text}");
            var responses = document["paths"]![path]!["get"]!["responses"]!;
            var response = responses[Invariant($"{status}")] ?? document["components"]!["responses"]!["Problem"]!;
            var schema = response["content"]![answer.Content.Headers.ContentType!.MediaType!]!["schema"]!;
            var result = SchemaOf(schema["$ref"]!.GetValue<string>()).Evaluate(
                JsonDocument.Parse(text).RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
            Assert.True(result.IsValid, $"{address}: {text}\n{JsonSerializer.Serialize(result)}");
            Assert.Subset(
                Follow(schema["$ref"]!.GetValue<string>())!["properties"]!.AsObject().Select(p => p.Key).ToHashSet(StringComparer.Ordinal),
                JsonNode.Parse(text)!.AsObject().Select(p => p.Key).ToHashSet(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_no_record_is_empty()
    {
        var references = All(document).OfType<JsonObject>().Select(o => o["$ref"]).OfType<JsonValue>().Select(r => r.GetValue<string>()).ToList();
        Assert.True(references.Count > 40);
        Assert.All(references, reference => Assert.NotNull(Follow(reference)));
        Assert.All(document["components"]!["schemas"]!.AsObject(), schema => Assert.NotEmpty(schema.Value!["properties"]!.AsObject()));
    }

    private JsonNode? Follow(string reference) => reference.Split('/').Skip(1)
        .Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
        .Aggregate((JsonNode?)document, (node, step) => node is JsonArray array ? array[int.Parse(step, CultureInfo.InvariantCulture)] : node?[step]);

    /// <summary>One of the document's schemas, with all of them at hand, since they refer to each other.</summary>
    private JsonSchema SchemaOf(string reference) => JsonSchema.FromText(
        new JsonObject { ["$ref"] = reference, ["$defs"] = document["components"]!["schemas"]!.DeepClone() }.ToJsonString()
            .Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));

    private IEnumerable<(string Method, string Path, JsonObject Says)> Operations() =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => (o.Key, path.Key, o.Value!.AsObject())));

    private static IEnumerable<JsonObject> Parameters(JsonObject operation, string place) =>
        operation["parameters"]!.AsArray().Select(p => p!.AsObject()).Where(p => p["in"]!.GetValue<string>() == place);

    private static IEnumerable<JsonNode> All(JsonNode node) => node switch
    {
        JsonObject o => o.Select(p => p.Value).OfType<JsonNode>().SelectMany(All).Prepend(o),
        JsonArray a => a.OfType<JsonNode>().SelectMany(All),
        _ => [],
    };

    /// <summary>The methods that a function calls, by itself or through other methods of its class, lambdas and state machines included.</summary>
    private static IEnumerable<MethodReference> Reached(TypeDefinition api, string function)
    {
        var open = new Stack<MethodDefinition>(api.Methods.Where(m => m.Name == function));
        var seen = new HashSet<MethodDefinition>(open);
        while (open.TryPop(out var method))
        {
            foreach (var operand in method.HasBody ? method.Body.Instructions.Select(i => i.Operand).OfType<MemberReference>() : [])
            {
                if (operand is MethodReference called)
                    yield return called;
                var type = operand.DeclaringType?.Resolve();
                var own = operand is MethodReference reference && IsWithin(type, api) ? reference.Resolve() : null;
                var step = IsWithin(type, api) && type != api ? type!.Methods.FirstOrDefault(m => m.Name == "MoveNext") : null;
                foreach (var next in new[] { own, step })
                {
                    if (next is not null && seen.Add(next))
                        open.Push(next);
                }
            }
        }
    }

    private static bool IsWithin(TypeDefinition? type, TypeDefinition outer) => type is not null && (type == outer || IsWithin(type.DeclaringType, outer));
}
