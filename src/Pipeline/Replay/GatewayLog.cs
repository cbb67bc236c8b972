using Pipeline.Client;

namespace Pipeline.Replay;

/// <summary>What the gateways of one dry run were asked, and what they assumed to have done.</summary>
internal sealed class GatewayLog
{
    /// <summary>By gateway and key: what a later step of the same dry run has to see.</summary>
    public Dictionary<(string Gateway, string Key), object> Assumed { get; } = [];

    public List<GatewayCall> Calls { get; private set; } = [];

    /// <summary>The calls since it was asked last.</summary>
    public IReadOnlyList<GatewayCall> Take()
    {
        var calls = Calls;
        Calls = [];
        return calls;
    }
}
