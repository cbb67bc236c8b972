using Pipeline.Client;

namespace Pipeline.Cli.Watch;

/// <summary>One look, as <c>--json</c> prints it.</summary>
internal sealed record WatchLook(
    DateTimeOffset? At, string? Failure, IReadOnlyCollection<WatchedConsumer> Consumers, IReadOnlyList<ContainerStatus> Containers, BrokerStatus? Broker = null);
