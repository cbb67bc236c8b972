namespace Pipeline.Local.ServiceBus;

/// <summary>What a receiver wants done with a message that it holds.</summary>
internal readonly record struct Settlement(
    SettlementKind Kind, IDictionary<string, object>? Properties = null, string? Reason = null, string? Description = null)
{
    public static readonly Settlement Complete = new(SettlementKind.Complete);
}
