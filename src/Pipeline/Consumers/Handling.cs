using Pipeline.Storage;
using Pipeline.State;

namespace Pipeline.Consumers;

/// <summary>What one run of a consumer is given: messages of one partition, and where it leaves what was decided.</summary>
internal sealed class Handling
{
    /// <summary>Each with the record that stands for it in the catalog, and the data as the handler wants it.</summary>
    public required IReadOnlyList<(Type Message, object Data, HandlerContext Context)> Messages { get; init; }

    public required PartitionRead Read { get; init; }

    public required UnitOfWork Commit { get; init; }

    public required IServiceProvider Gateways { get; init; }

    /// <summary>The breakers of the gateways; <see langword="null"/> to call them whatever happens.</summary>
    public GatewayBreakers? Breakers { get; init; }

    /// <summary>Whether the messages have failed before; see <see cref="GatewayBreakers"/>.</summary>
    public bool IsRetry { get; init; }

    /// <summary>Whether a message whose handler throws is left out, for the caller to handle by itself.</summary>
    public bool LeaveOutFailures { get; init; }
}
