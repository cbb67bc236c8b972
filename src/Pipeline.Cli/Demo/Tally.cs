using Pipeline.Cli.Running;
using Spectre.Console;

namespace Pipeline.Cli.Demo;

/// <summary>The running counts of a demo run; counted from many tasks, read by the display.</summary>
internal sealed class Tally(int orders)
{
    private int placed;
    private int completed;
    private int cancelled;
    private int blocked;
    private string? note;

    public int Orders => orders;

    public int Placed => Volatile.Read(ref placed);

    public int Completed => Volatile.Read(ref completed);

    public int Cancelled => Volatile.Read(ref cancelled);

    public int Final => Completed + Cancelled;

    /// <summary>Orders that wait behind a dead letter or a quarantined outbox message.</summary>
    public int Blocked
    {
        get => Volatile.Read(ref blocked);
        set => Volatile.Write(ref blocked, value);
    }

    /// <summary>Gets or sets an additional line; <see langword="null"/> for none.</summary>
    public string? Note
    {
        get => Volatile.Read(ref note);
        set => Volatile.Write(ref note, value);
    }

    /// <summary>Placed, not final, not blocked. Not below zero, because the counts are read one by one.</summary>
    public int InFlight => Math.Max(0, Placed - Final - Blocked);

    public void CountPlaced() => Interlocked.Increment(ref placed);

    public void CountFinal(bool isCompleted)
    {
        if (isCompleted)
            Interlocked.Increment(ref completed);
        else
            Interlocked.Increment(ref cancelled);
    }

    public ProgressCounts Look() => new("placed", Placed, orders, Note,
    [
        new("in flight", InFlight, Color.Blue, IsFinal: false),
        new("completed", Completed, Color.Green, IsFinal: true),
        new("cancelled", Cancelled, Color.Yellow, IsFinal: true),
        new("blocked", Blocked, Color.Red, IsFinal: false),
    ]);
}
