using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Consumers;
using Pipeline.Contracts;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>What this pipeline's events and its API look like, for people and tools.</summary>
public sealed class ContractsApi(PublishedContracts contracts, IEnumerable<Consumer> consumers, OpenApi openApi)
{
    /// <summary>
    /// <c>GET /api/schemas/{type}</c>: the JSON Schema of a contract's data, or 404. Public, for internal contracts too: their
    /// events contain this address, every receiver may read it, and a schema contains no data.
    /// </summary>
    [Function("get-schema")]
    [ApiOperation("Returns the JSON Schema of a contract's data.", Produces = "application/schema+json")]
    public IResult Schema([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "schemas/{type}")] HttpRequest request, string type)
    {
        if (contracts.All.FirstOrDefault(c => c.Type == type) is not { } contract)
            return NotFound($"contract '{type}'");
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=3600";
        return Results.Text(contract.SchemaAt(contracts.AddressFor(request)), "application/schema+json", Encoding.UTF8);
    }

    /// <summary><c>GET /api/schemas</c>: all contracts, each with the address of its schema. The whole list needs a key.</summary>
    [Function("list-schemas")]
    [ApiOperation("Lists all contracts, each with the address of its schema.", Returns = typeof(SchemasBody))]
    public IResult Schemas([HttpTrigger(AuthorizationLevel.Function, "get", Route = "schemas")] HttpRequest request)
    {
        if (Requests.ValidateQuery(request) is { } unusable)
            return unusable;
        var address = contracts.AddressFor(request);
        return Results.Json(
            new SchemasBody([
                .. contracts.All.OrderBy(c => c.Type, StringComparer.Ordinal).Select(c => new SchemaEntry(
                    c.Type, Contracts.Surfaces.SurfaceText.WordFor(c.Kind), c.Owner, c.IsPublic, c.IsRetired, c.Destination, c.SubjectRule, c.Description, c.SchemaAddress(address))),
            ]),
            SchemasJson.Readable.SchemasBody);
    }

    /// <summary><c>GET /api/asyncapi</c>: the AsyncAPI 3.0 document of topics, queues, messages, and their senders and receivers.</summary>
    [Function("get-asyncapi")]
    [ApiOperation("Returns the AsyncAPI 3.0 document of topics, queues and messages.", Produces = "application/json")]
    public IResult AsyncApiDocument([HttpTrigger(AuthorizationLevel.Function, "get", Route = "asyncapi")] HttpRequest request)
    {
        if (Requests.ValidateQuery(request) is { } unusable)
            return unusable;
        var document = AsyncApi.Document(contracts.All, contracts.Topology, name => consumers.Single(c => c.Name == name).Service, contracts.AddressFor(request));
        return Results.Text(document.ToJsonString(OperatorJson.Readable.Options), "application/json", Encoding.UTF8);
    }

    /// <summary><c>GET /api/openapi.json</c>: the OpenAPI 3.1 document of all HTTP functions.</summary>
    [Function("get-openapi")]
    [ApiOperation("Returns this document.", Produces = "application/json")]
    public IResult OpenApiDocument([HttpTrigger(AuthorizationLevel.Function, "get", Route = "openapi.json")] HttpRequest request)
    {
        if (Requests.ValidateQuery(request) is { } unusable)
            return unusable;
        var path = request.Path.Value!;
        var prefix = path[..path.LastIndexOf('/')];
        return Results.Text(openApi.Text(prefix), "application/json", Encoding.UTF8);
    }
}
