namespace Pipeline.Contracts;

/// <summary>What kinds of contracts have in common.</summary>
internal static class ContractKinds
{
    /// <summary>Whether it is an event, published to a topic, rather than a command or reply.</summary>
    public static bool IsEvent(this ContractKind kind) => kind is not (ContractKind.Command or ContractKind.Reply);
}
