namespace Pipeline.AzureFunctions.Configuration;

/// <summary>What triggers a function.</summary>
internal enum TriggerSource
{
    /// <summary>A message of a queue or subscription.</summary>
    ServiceBus,

    /// <summary>The change feed of a container.</summary>
    ChangeFeed,

    /// <summary>An event of an Event Grid subscription.</summary>
    EventGrid,
}
