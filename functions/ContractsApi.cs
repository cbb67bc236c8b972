using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Consumers;
using Pipeline.Contracts;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>What this pipeline's events and its API look like, for people and tools.</summary>
public sealed class ContractsApi(SchemaAddress schemas, IEnumerable<Consumer> consumers)
{
    /// <summary>
    /// <c>GET /api/schemas/{type}</c>: the JSON Schema of a contract's data, or 404. Public, for internal contracts too: their
    /// events contain this address, every receiver may read it, and a schema contains no data.
    /// </summary>
    [Function("get-schema")]
    [ApiOperation("Returns the JSON Schema of a contract's data.", Produces = "application/schema+json")]
    public IResult Schema([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "schemas/{type}")] HttpRequest request, string type)
    {
        if (ContractCatalog.Find(type) is not { } contract)
            return NotFound($"contract '{type}'");
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=3600";
        return Results.Text(contract.SchemaAt(schemas.For(request)), "application/schema+json", Encoding.UTF8);
    }

    /// <summary><c>GET /api/schemas</c>: all contracts, each with the address of its schema. The whole list needs a key.</summary>
    [Function("list-schemas")]
    [ApiOperation("Lists all contracts, each with the address of its schema.", Returns = typeof(SchemasBody))]
    public IResult Schemas([HttpTrigger(AuthorizationLevel.Function, "get", Route = "schemas")] HttpRequest request)
    {
        if (Lists.WhyUnusableQuery(request) is { } unusable)
            return unusable;
        var address = schemas.For(request);
        return Results.Json(
            new SchemasBody([
                .. ContractCatalog.All.OrderBy(c => c.Type, StringComparer.Ordinal).Select(c => new SchemaEntry(
                    c.Type, Contracts.Surfaces.SurfaceText.WordFor(c.Kind), c.Owner, c.IsPublic, c.IsRetired, c.Destination, c.SubjectRule, c.Description, c.SchemaAddress(address))),
            ]),
            ApiJson.Readable.SchemasBody);
    }

    /// <summary><c>GET /api/asyncapi</c>: the AsyncAPI 3.0 document of topics, queues, messages, and their senders and receivers.</summary>
    [Function("get-asyncapi")]
    [ApiOperation("Returns the AsyncAPI 3.0 document of topics, queues and messages.", Produces = "application/json")]
    public IResult AsyncApiDocument([HttpTrigger(AuthorizationLevel.Function, "get", Route = "asyncapi")] HttpRequest request)
    {
        if (Lists.WhyUnusableQuery(request) is { } unusable)
            return unusable;
        var document = AsyncApi.Document(ContractCatalog.All, ContractCatalog.Topology, name => consumers.Single(c => c.Name == name).Service, schemas.For(request));
        return Results.Text(document.ToJsonString(ApiJson.Readable.Options), "application/json", Encoding.UTF8);
    }

    /// <summary><c>GET /api/openapi.json</c>: the OpenAPI 3.1 document of all HTTP functions.</summary>
    [Function("get-openapi")]
    [ApiOperation("Returns this document.", Produces = "application/json")]
    public static IResult OpenApiDocument([HttpTrigger(AuthorizationLevel.Function, "get", Route = "openapi.json")] HttpRequest request)
    {
        if (Lists.WhyUnusableQuery(request) is { } unusable)
            return unusable;
        var path = request.Path.Value!;
        var prefix = path[..path.LastIndexOf('/')];
        return Results.Text(OpenApi.Document(prefix).ToJsonString(ApiJson.Readable.Options), "application/json", Encoding.UTF8);
    }
}
