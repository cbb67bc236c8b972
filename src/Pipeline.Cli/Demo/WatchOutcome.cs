namespace Pipeline.Cli.Demo;

/// <summary>How watching ended, with the orders that are not final.</summary>
internal sealed record WatchOutcome(WatchEnd End, IReadOnlyList<PlacedOrder> Waiting);
