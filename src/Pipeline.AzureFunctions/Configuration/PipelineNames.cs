namespace Pipeline.AzureFunctions.Configuration;

/// <summary>Names of settings and entities that the package knows; generated code has its own.</summary>
internal static class PipelineNames
{
    /// <summary>Setting with the connection to Cosmos DB: a connection string, or <c>Cosmos__accountEndpoint</c> with a managed identity.</summary>
    public const string Cosmos = "Cosmos";

    /// <summary>Setting with the connection to Service Bus: a connection string, or <c>ServiceBus__fullyQualifiedNamespace</c> with a managed identity.</summary>
    public const string ServiceBus = "ServiceBus";

    /// <summary>Settings of the Event Grid topic: <c>EventGrid__topicEndpoint</c>, or <c>none</c>; a managed identity, or <c>EventGrid__key</c>.</summary>
    public const string EventGrid = "EventGrid";

    /// <summary>Setting with the connection to the blob storage: a connection string, or <c>Blobs__serviceUri</c> with a managed identity.</summary>
    public const string Blobs = "Blobs";

    /// <summary>Container of the replays. It belongs to no service, so it has no relay.</summary>
    public const string Replays = "replays";
}
