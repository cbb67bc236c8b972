using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// An embedded Cosmos DB account: the gateway protocol of the NoSQL API for the unmodified SDK in Gateway mode, in-process
/// or over HTTP. Its key is no secret, so it belongs on loopback only. What it does not support it refuses with 400.
/// </summary>
internal sealed partial class CosmosEndpoint : IDisposable
{
    private readonly DocumentStore _store;
    private readonly ILogger _log;
    private readonly Metadata _metadata;

    private readonly RequestSignature _signature;

    private CosmosEndpoint(DocumentStore store, ILogger log, string? key)
    {
        _store = store;
        _log = log;
        _signature = new RequestSignature(key);
        _metadata = new Metadata(store);
    }

    /// <summary>
    /// Test hook, called with every request before it is executed. It may delay, answer in place of the store, or lose
    /// request or reply.
    /// </summary>
    public Func<CosmosRequest, ValueTask<CosmosFault>>? OnRequest { get; set; }

    /// <summary>What it stores.</summary>
    public DocumentStore Store => _store;

    /// <summary>Size of the journal; 0 in memory.</summary>
    public long JournalBytes => _store.JournalBytes;

    /// <param name="directory">Where <c>cosmos.journal</c> is kept; null keeps everything in memory only.</param>
    /// <param name="clock">Gives timestamps and decides what has expired.</param>
    /// <param name="log">Told about repairs and compaction of the journal, and about defects.</param>
    /// <param name="physicalPartitions">How many a container gets that is made for no more than 10,000 RU/s.</param>
    /// <param name="bodyCacheBytes">How much of the documents is kept in memory; what is older is read from the journal.</param>
    /// <param name="key">A key that requests may be signed with besides the emulators' own.</param>
    /// <exception cref="InvalidDataException">The journal is damaged in the middle.</exception>
    /// <exception cref="IOException">The journal is in use by another process, or cannot be read.</exception>
    public static CosmosEndpoint Open(string? directory, TimeProvider clock, ILogger log, int physicalPartitions = 1, long bodyCacheBytes = BodyCache.DefaultBytes, string? key = null) =>
        new(new DocumentStore(directory is null ? null : Path.Combine(directory, "cosmos.journal"), clock, log, bodyCacheBytes) { PhysicalPartitions = physicalPartitions }, log, key);

    /// <summary>A handler for an <see cref="HttpClient"/>; any authority is accepted. Disposing it leaves the endpoint open.</summary>
    public HttpMessageHandler CreateHandler() => new InProcessHandler(this);

    /// <summary>Answers a request over HTTP.</summary>
    public Task HandleAsync(HttpContext context) => HttpRequests.HandleAsync(this, context);

    /// <summary>Creates database and container where they are missing, and sets the default time to live.</summary>
    /// <param name="database">Name of the database.</param>
    /// <param name="container">Name of the container.</param>
    /// <param name="partitionKeyPath">One top-level property.</param>
    /// <param name="defaultTtlSeconds">-1: items expire by their own <c>ttl</c> only; null: nothing expires.</param>
    /// <param name="physicalPartitions">Default: as many as the endpoint was opened with.</param>
    /// <exception cref="InvalidOperationException">The container exists with another partition key path.</exception>
    public void EnsureContainer(
        string database, string container, string partitionKeyPath = "/pk", int? defaultTtlSeconds = -1, int? physicalPartitions = null)
    {
        var owner = _store.CreateDatabase(database).Database;
        var definition = new ContainerDefinition([partitionKeyPath], null, physicalPartitions ?? _store.PhysicalPartitions);
        var (existing, created) = _store.CreateContainer(owner, container, definition, defaultTtlSeconds);
        if (created)
            return;
        if (!existing.Definition.PartitionKeyPaths.SequenceEqual(definition.PartitionKeyPaths, StringComparer.Ordinal))
        {
            throw new InvalidOperationException(
                $"Container {database}/{container} exists with partition key {string.Join(", ", existing.Definition.PartitionKeyPaths)}, not {partitionKeyPath}.");
        }

        if (existing.Definition.PhysicalPartitions != definition.PhysicalPartitions)
        {
            _log.LogWarning(
                "Container {Database}/{Container} keeps the {Existing} physical partitions that it was made with; {Wanted} need another data directory.",
                database, container, existing.Definition.PhysicalPartitions, definition.PhysicalPartitions);
        }

        _store.SetDefaultTimeToLive(existing, defaultTtlSeconds);
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    /// <param name="database">Name or rid.</param>
    /// <param name="container">Name or rid.</param>
    /// <exception cref="CosmosFailure">404: one of them does not exist.</exception>
    internal StoredContainer ContainerOf(string database, string container)
    {
        var owner = _store.FindDatabase(database) ?? throw DocumentStore.MissingOwner($"Database {database} does not exist.");
        return _store.FindContainer(owner, container) ?? throw DocumentStore.MissingOwner($"Container {container} does not exist.");
    }

    internal async ValueTask<CosmosReply> AnswerAsync(CosmosRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Refuse(request) is { } refusal)
            return refusal;
        if (OnRequest is not { } hook)
            return Execute(request);

        var fault = await hook(request);
        if (ReferenceEquals(fault, CosmosFault.LoseBeforeExecuting))
            return CosmosReply.Lost;
        if (fault.Answer is { } answer)
            return answer;
        var reply = Execute(request);
        return ReferenceEquals(fault, CosmosFault.LoseReplyAfterExecuting) ? CosmosReply.Lost : reply;
    }

    /// <summary>The answer to a request that does not reach the resource that its client means; null to all others.</summary>
    private CosmosReply? Refuse(CosmosRequest request) => RawTarget.MisleadingSegmentOf(request.Path) is { } segment
        ? CosmosReply.Error(400, $"The path has the segment '{segment}': no name or id is '.' or '..' or has a slash or backslash in it.")
        : IsForAddresses(request) ? null : _signature.Refuse(request);

    /// <summary>What a client in Direct mode asks first; it signs something else then, and gets nothing but advice.</summary>
    private static bool IsForAddresses(CosmosRequest request) => request.Path.Trim('/') == "addresses";

    private CosmosReply Execute(CosmosRequest request)
    {
        try
        {
            return Route(request);
        }
        catch (CosmosFailure failure) when (failure.InnerException is null)
        {
            return CosmosReply.Error(failure);
        }
        catch (CosmosFailure failure)
        {
            // What is behind it names files of this machine.
            _log.LogError(failure.InnerException, "Cosmos endpoint: {Method} {Path} failed (activity {ActivityId}). {Message}", request.Method, request.Path, request.ActivityId, failure.Message);
            return CosmosReply.Error(failure.Status, $"{failure.Message} The log says more under the activity id {request.ActivityId}.", failure.SubStatus);
        }
        catch (Exception e)
        {
            _log.LogError(e, "Cosmos endpoint: {Method} {Path} failed (activity {ActivityId}).", request.Method, request.Path, request.ActivityId);
            return CosmosReply.Error(500, $"Defect of the local Cosmos DB endpoint. The log says more under the activity id {request.ActivityId}.");
        }
    }

    private CosmosReply Route(CosmosRequest request)
    {
        switch (request.Resource)
        {
            case CosmosResource.Item:
                return Items.Execute(_store, InSession(request), request);
            case CosmosResource.Batch:
                return Batches.Execute(_store, Container(request), request);
            case CosmosResource.Query:
                return Queries.Query(_store, InSession(request), request);
            case CosmosResource.ItemFeed:
                return Queries.ReadFeed(_store, InSession(request), request);
            case CosmosResource.QueryPlan:
                return Queries.Plan(Container(request), request);
            case CosmosResource.ChangeFeed:
                return Queries.ReadChanges(_store, Container(request), request);
            case CosmosResource.PartitionKeyRanges:
                return Metadata.PartitionKeyRanges(Container(request), request);
            case CosmosResource.Unknown:
                throw Unsupported.Request(request);
            default:
                return Manage(request);
        }
    }

    private CosmosReply Manage(CosmosRequest request)
    {
        try
        {
            return _metadata.Execute(request);
        }
        catch (Exception e) when (!request.Body.IsEmpty && e is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // Of the JSON library: the body has another shape than such a resource.
            throw new CosmosFailure(400, $"The request payload is invalid: {e.Message}");
        }
    }

    /// <summary>
    /// The container, unless the client's session has seen more than there is (<c>x-ms-session-token</c>, such as
    /// <c>0:-1#17</c>, one for each physical partition): its token is of other data, since nothing here lags behind.
    /// </summary>
    private StoredContainer InSession(CosmosRequest request)
    {
        var container = Container(request);
        if (request.Header("x-ms-session-token") is not { Length: > 0 } token)
            return container;
        foreach (var part in token.AsSpan().Split(','))
        {
            var of = token.AsSpan()[part];
            if (!long.TryParse(of[(of.LastIndexOf('#') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var lsn))
                throw new CosmosFailure(400, $"The session token '{token}' is invalid.");
            if (lsn > container.Lsn)
                throw new CosmosFailure(404, $"The read session is not available: the session token '{token}' is ahead of container {container.Name}.", SubStatus.ReadSessionNotAvailable);
        }

        return container;
    }

    private StoredContainer Container(CosmosRequest request)
    {
        var address = request.Address;
        var container = ContainerOf(address.Database, address.Container);
        if (request.Header("x-ms-cosmos-intended-collection-rid") is { } rid && !string.Equals(rid, container.Rid, StringComparison.Ordinal))
        {
            throw new CosmosFailure(
                400, $"Container {address.Container} was created anew since the client looked it up.", SubStatus.IncorrectContainerRid);
        }

        return container;
    }
}
