using System.Globalization;

namespace Pipeline.Local.Testing;

/// <summary>Something that nobody works on before time passes or somebody asks for it: a retry, a scheduled message, a timer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The function, entity or subscription.</param>
/// <param name="Description">For people.</param>
/// <param name="Due">When it goes on by itself, by the platform's clock; <see langword="null"/>: not by the time.</param>
/// <param name="Count">How many messages or events.</param>
public sealed record PendingWork(PendingKind Kind, string Name, string Description, DateTimeOffset? Due, int Count = 1)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Due is { } due ? string.Create(CultureInfo.InvariantCulture, $"{Name} {Description} ({due:yyyy-MM-dd HH:mm:ss.fff}Z)") : $"{Name} {Description}";
}

/// <summary>What is pending.</summary>
public enum PendingKind
{
    /// <summary>A timer function's next occurrence.</summary>
    Timer,

    /// <summary>A retry of a function by its attribute, or of a listener after a failure.</summary>
    Retry,

    /// <summary>An invocation that awaits a delay on the platform's clock.</summary>
    Delay,

    /// <summary>Scheduled messages.</summary>
    Scheduled,

    /// <summary>Messages that are locked or in a locked session, and that nobody handles: unsettled, or their host has crashed.</summary>
    Locked,

    /// <summary>Messages that wait for a free session or call: see <c>maxConcurrentSessions</c> and <c>sessionIdleTimeout</c>.</summary>
    WaitingForSlot,

    /// <summary>Messages of an entity that no function receives from.</summary>
    NoReceiver,

    /// <summary>Event Grid events that wait for a retry, for their dead letter, or for their subscription to open.</summary>
    EventGrid,
}

/// <summary>A <see cref="PipelineHost"/> did not come to rest in time. The message names what is still busy.</summary>
public sealed class NotQuietException : TimeoutException
{
    /// <summary>Creates the exception.</summary>
    internal NotQuietException(TimeSpan waited, IReadOnlyList<string> busy)
        : base(string.Create(CultureInfo.InvariantCulture, $"Not quiet after {waited.TotalSeconds:0.#} s. Still busy:\n  {string.Join("\n  ", busy)}")) => Busy = busy;

    /// <summary>What was still busy, a line each.</summary>
    public IReadOnlyList<string> Busy { get; }
}
