using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Client;

namespace Pipeline.AzureFunctions.Http;

/// <summary>The OpenAPI 3.1 document of the app's HTTP functions, made of their triggers, their <see cref="ApiOperationAttribute"/> and their records.</summary>
public sealed class OpenApi
{
    private const string Json = "application/json";
    private static readonly string[] AllMethods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    /// <summary>Of answers: what is always written is required.</summary>
    private static readonly JsonSchemaExporterOptions Answers = OptionsOf(static property => property.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) == true);

    /// <summary>Of bodies: what may be null may be left out.</summary>
    private static readonly JsonSchemaExporterOptions Bodies = OptionsOf(static property => property.IsSetNullable);

    private readonly Assembly _app;
    private readonly JsonSerializerOptions _json;

    /// <summary>The document that was asked for last: an app has one prefix.</summary>
    private volatile Tuple<string, string>? _last;

    /// <summary>Creates what makes the document.</summary>
    /// <param name="app">The assembly of the app's functions; the document has its name and version.</param>
    /// <param name="bodies">The metadata of the bodies of the package. Those of the app are found by reflection.</param>
    internal OpenApi(Assembly app, IJsonTypeInfoResolver bodies)
    {
        _app = app;
        _json = OptionsOf(bodies);
    }

    /// <summary>Gets the document as text; made once for each prefix.</summary>
    /// <param name="prefix">What stands before the routes in an address: <c>/api</c>.</param>
    public string Text(string prefix)
    {
        var last = _last;
        if (last?.Item1 != prefix)
            _last = last = Tuple.Create(prefix, Document(prefix).ToJsonString(_json));
        return last.Item2;
    }

    /// <summary>Makes the document.</summary>
    /// <param name="prefix">What stands before the routes in an address: <c>/api</c>.</param>
    public JsonObject Document(string prefix)
    {
        var paths = new JsonObject();
        var schemas = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal) { [nameof(ProblemDetails)] = SchemaOf(typeof(ProblemDetails), Answers) };
        foreach (var function in Functions(_app).OrderBy(f => f.Route, StringComparer.Ordinal).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            var path = "/" + function.Route;
            if (paths[path] is not JsonObject item)
                paths[path] = item = [];
            var first = function.Methods[0];
            foreach (var method in function.Methods)
                item[method] = Operation(function, method == first ? function.Name : $"{function.Name}-{method}");
            if (function.Operation.Body is { } body)
                schemas.TryAdd(NameOf(body), SchemaOf(body, Bodies));
            if (function.Operation.Returns is { } answer)
                schemas.TryAdd(NameOf(answer), SchemaOf(answer, Answers));
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = _app.GetName().Name,
                ["version"] = _app.GetName().Version!.ToString(3),
                ["description"] = "The API of the app, and that of its operators. Refusals are problem details (RFC 9457).",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = prefix.Length == 0 ? "/" : prefix }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
                ["responses"] = new JsonObject
                {
                    ["Problem"] = new JsonObject { ["description"] = "What is wrong, and what to do.", ["content"] = Content([Http.Answers.ProblemContentType], typeof(ProblemDetails)) },
                },
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "x-functions-key", ["description"] = "A function key." },
                    ["keyInQuery"] = new JsonObject { ["type"] = "apiKey", ["in"] = "query", ["name"] = "code", ["description"] = "A function key." },
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "A token that was agreed upon with the sender." },
                },
            },
        };
    }

    /// <summary>All HTTP functions: those of the app, and those of the package.</summary>
    internal static ImmutableArray<HttpFunction> Functions(Assembly app) =>
    [
        .. from assembly in new[] { app, typeof(OpenApi).Assembly }.Distinct()
           from type in assembly.GetTypes()
           from method in type.GetMethods()
           let name = method.GetCustomAttribute<FunctionAttribute>()?.Name
           where name is not null
           let trigger = method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(t => t is not null)
           where trigger is not null
           select new HttpFunction(
               name, method, trigger.Route ?? name, trigger.Methods is { Length: > 0 } methods ? methods : AllMethods, trigger.AuthLevel,
               method.GetCustomAttribute<ApiOperationAttribute>() ?? new ApiOperationAttribute(name)),
    ];

    private static JsonObject Operation(HttpFunction function, string id)
    {
        var says = function.Operation;
        var operation = new JsonObject
        {
            ["operationId"] = id,
            ["summary"] = says.Summary,
            ["tags"] = new JsonArray(Tag(function.Method.DeclaringType!.Name)),
            ["parameters"] = new JsonArray(
            [
                .. RoutePatternFactory.Parse(function.Route).Parameters.Select(p => Parameter(p.Name, "path", isRequired: true)),
                .. says.Query.Select(name => Parameter(name, "query", isRequired: false)),
                .. says.IdempotencyKey == IdempotencyKey.None ? [] : (JsonNode[])[Parameter("Idempotency-Key", "header", says.IdempotencyKey == IdempotencyKey.Required)],
            ]),
            ["security"] = Security(function),
        };
        if (says.Body is not null || says.Consumes.Length > 0)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = !says.IsBodyOptional,
                ["content"] = Content(says.Consumes.Length > 0 ? says.Consumes : [Json], says.Body),
            };
        }

        var responses = new JsonObject();
        foreach (var status in says.Statuses)
        {
            var response = new JsonObject { ["description"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status) };
            if (says.Returns is not null || says.Produces is not null)
                response["content"] = Content([says.Produces ?? Json], says.Returns);
            responses[status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        responses["default"] = new JsonObject { ["$ref"] = "#/components/responses/Problem" };
        operation["responses"] = responses;
        return operation;
    }

    private static JsonArray Security(HttpFunction function) =>
        function.Level != AuthorizationLevel.Anonymous ? [new JsonObject { ["key"] = new JsonArray() }, new JsonObject { ["keyInQuery"] = new JsonArray() }]
        : function.Operation.TakesToken ? [new JsonObject { ["token"] = new JsonArray() }]
        : [];

    /// <summary>The name of a record's schema; that of a page is named after its items.</summary>
    private static string NameOf(Type type) => type.IsGenericType ? type.GenericTypeArguments[0].Name + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;

    private static string Tag(string type) => type.EndsWith("Api", StringComparison.Ordinal) ? type[..^3] : type;

    private static JsonObject Parameter(string name, string place, bool isRequired)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["required"] = isRequired };
        (var schema, parameter["description"]) = name switch
        {
            "limit" => (new JsonObject { ["type"] = "integer", ["minimum"] = 1 }, "The most items of the answer."),
            "steps" => (new JsonObject { ["type"] = "integer", ["minimum"] = 1 }, "The most messages that are tried of a subject."),
            "continuation" => (new JsonObject { ["type"] = "string" }, "The 'continuation' of the answer before; none for the first page."),
            "from" or "to" or "since" => (new JsonObject { ["type"] = "string" }, "A date or a time as in RFC 3339."),
            "day" => (new JsonObject { ["type"] = "string", ["format"] = "date" }, "A day in UTC."),
            "Idempotency-Key" => (new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 128 }, "A value of your own, the same when you repeat the request."),
            _ => (new JsonObject { ["type"] = "string" }, (JsonNode?)null),
        };
        if (parameter["description"] is null)
            parameter.Remove("description");
        parameter["schema"] = schema;
        return parameter;
    }

    private static JsonObject Content(string[] mediaTypes, Type? type) => new(mediaTypes.Select(media => KeyValuePair.Create(
        media,
        (JsonNode?)(type is null ? new JsonObject() : new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{NameOf(type)}" } }))));

    private static JsonSerializerOptions OptionsOf(IJsonTypeInfoResolver bodies)
    {
        var options = ApiJson.NewOptions();
        options.TypeInfoResolver = JsonTypeInfoResolver.Combine(ProblemJson.Default, bodies, new DefaultJsonTypeInfoResolver());
        options.MakeReadOnly();
        return options;
    }

    private static JsonSchemaExporterOptions OptionsOf(Func<JsonPropertyInfo, bool> isOptional) => new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, schema) =>
        {
            if (SchemaOfConverter(context.TypeInfo.Type) is { } known)
                return known;
            if (schema is JsonObject && schema["required"] is JsonArray required)
            {
                foreach (var property in context.TypeInfo.Properties.Where(isOptional))
                    required.RemoveAll(name => (string?)name == property.Name);
                if (required.Count == 0)
                    schema.AsObject().Remove("required");
            }

            return schema;
        },
    };

    private JsonNode SchemaOf(Type type, JsonSchemaExporterOptions options)
    {
        var schema = _json.GetTypeInfo(type).GetJsonSchemaAsNode(options);
        Rebase(schema, $"#/components/schemas/{NameOf(type)}");
        return schema;
    }

    /// <summary>The exporter's references begin at the schema; those of a document begin at the document.</summary>
    private static void Rebase(JsonNode? node, string root)
    {
        if (node is JsonObject o)
        {
            if (o["$ref"] is JsonValue reference && reference.TryGetValue<string>(out var text) && text.StartsWith('#'))
                o["$ref"] = root + text[1..];
            foreach (var (_, child) in o)
                Rebase(child, root);
        }
        else if (node is JsonArray a)
        {
            foreach (var child in a)
                Rebase(child, root);
        }
    }

    /// <summary>The exporter cannot see into converters: it would say that anything goes.</summary>
    private static JsonObject? SchemaOfConverter(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        var (name, format) = bare == typeof(decimal) ? ("number", null) : bare == typeof(DateTimeOffset) ? ("string", "date-time") : (null, (string?)null);
        if (name is null)
            return null;
        var schema = new JsonObject { ["type"] = bare == type ? name : new JsonArray(name, "null") };
        if (format is not null)
            schema["format"] = format;
        return schema;
    }
}
