namespace Pipeline.Client;

/// <summary>What one consumer handled in a while.</summary>
/// <param name="Container">The container of the consumer.</param>
/// <param name="Consumer">The consumer; <c>http</c> for commands that came over HTTP.</param>
/// <param name="Handled">How many messages.</param>
/// <param name="P50Ms">Half of them had their effect within so many milliseconds of the sender's commit; <see langword="null"/> if no commit time is known.</param>
/// <param name="P99Ms">99 % of them.</param>
/// <param name="MaxMs">All of them.</param>
/// <param name="FirstHandledAt">When the first of them had its effect.</param>
/// <param name="LastHandledAt">When the last of them had its effect.</param>
public sealed record ConsumerActivity(
    string Container,
    string Consumer,
    int Handled,
    double? P50Ms,
    double? P99Ms,
    double? MaxMs,
    DateTimeOffset FirstHandledAt,
    DateTimeOffset LastHandledAt);
