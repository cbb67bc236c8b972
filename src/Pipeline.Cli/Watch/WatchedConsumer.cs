using Pipeline.Client;

namespace Pipeline.Cli.Watch;

/// <summary>One consumer since watching began.</summary>
internal sealed class WatchedConsumer(string container, string consumer)
{
    public string Container => container;

    public string Consumer => consumer;

    /// <summary>Gets the messages handled per second between the last two requests.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Handled since watching began.</summary>
    public long Total { get; private set; }

    /// <summary>Milliseconds from commit to effect, when something was last handled.</summary>
    public double? P50Ms { get; private set; }

    public double? P99Ms { get; private set; }

    public double? MaxMs { get; private set; }

    public void See(IReadOnlyList<ConsumerActivity> seen, double seconds)
    {
        var handled = seen.Sum(activity => activity.Handled);
        Total += handled;
        PerSecond = seconds > 0 ? Math.Round(handled / seconds, 1) : 0;
        if (handled == 0)
            return;

        // Usually there is one page. Percentiles of several cannot be combined exactly, so the largest page is used.
        var most = seen.MaxBy(activity => activity.Handled)!;
        (P50Ms, P99Ms, MaxMs) = (most.P50Ms, most.P99Ms, seen.Max(activity => activity.MaxMs));
    }

    /// <summary>Resets the rate, because it is unknown.</summary>
    public void Lose() => PerSecond = 0;
}
