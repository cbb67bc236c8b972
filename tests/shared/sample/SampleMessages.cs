using Pipeline.Contracts;
using Pipeline.Messages;

namespace Pipeline.Tests;

/// <summary>The messages of the sample as its app knows them; their events say nothing of a schema.</summary>
internal static class SampleMessages
{
    public static MessageCatalog All { get; } = MessageCatalog.Of(ContractCatalog.All, null);
}
