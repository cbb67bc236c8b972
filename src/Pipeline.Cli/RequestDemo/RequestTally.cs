using Pipeline.Cli.Running;
using Spectre.Console;

namespace Pipeline.Cli.RequestDemo;

/// <summary>The running counts of a demo with requests; counted from many tasks, read by the display.</summary>
internal sealed class RequestTally(int total)
{
    private int sent;
    private int settled;
    private int blocked;

    public void CountSent() => Interlocked.Increment(ref sent);

    public void CountSettled() => Interlocked.Increment(ref settled);

    /// <summary>Sets how many of the requests wait behind a failure.</summary>
    public void SetBlocked(int count) => Volatile.Write(ref blocked, count);

    public ProgressCounts Look()
    {
        var (all, done, failed) = (Volatile.Read(ref sent), Volatile.Read(ref settled), Volatile.Read(ref blocked));
        return new("sent", all, total, Note: null,
        [
            new("in flight", Math.Max(0, all - done - failed), Color.Blue, IsFinal: false),
            new("settled", done, Color.Green, IsFinal: true),
            new("blocked", failed, Color.Red, IsFinal: false),
        ]);
    }
}
