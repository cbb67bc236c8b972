using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Json;

namespace Pipeline.State;

/// <summary>
/// An event-sourced aggregate: its stream is its documents, one per event, with the version as id; appending expects the
/// version that was read. A snapshot goes along every so many events.
/// </summary>
/// <typeparam name="TState">What the events fold into.</typeparam>
/// <typeparam name="TEvent">Base type of the domain events, polymorphic for System.Text.Json.</typeparam>
public sealed class StreamState<TState, TEvent> : StateModel<TState>
    where TState : class
    where TEvent : class
{
    /// <summary>The most events between two snapshots, and so the most that are read with every handling.</summary>
    public const int MaxSnapshotEvery = 50;

    /// <summary>Creates the model.</summary>
    /// <param name="fold">Applies one event, which happened at that time; pure. The state is <see langword="null"/> before the first one.</param>
    /// <param name="events">Metadata of the event's base type, with its derived types.</param>
    /// <param name="snapshots">Metadata of the state.</param>
    /// <param name="snapshotEvery">Events between two snapshots, 1 to <see cref="MaxSnapshotEvery"/>. Default 20.</param>
    /// <exception cref="ArgumentException">The event is not sealed and names no derived types: they would be stored as the base type.</exception>
    public StreamState(Func<TState?, TEvent, DateTimeOffset, TState> fold, JsonTypeInfo<TEvent> events, JsonTypeInfo<TState> snapshots, int snapshotEvery = 20)
    {
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(snapshots);
        ArgumentOutOfRangeException.ThrowIfLessThan(snapshotEvery, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(snapshotEvery, MaxSnapshotEvery);
        if (!typeof(TEvent).IsSealed && events.PolymorphismOptions is null)
        {
            throw new ArgumentException(
                $"'{typeof(TEvent)}' names no derived events, so what they add would be lost: give it [JsonDerivedType(typeof(...), \"name\")] for each, or seal it if it is the only event.", nameof(events));
        }

        Fold = fold;
        Events = events;
        Snapshots = snapshots;
        SnapshotEvery = snapshotEvery;
    }

    /// <summary>
    /// Creates the model for records that are read and written by reflection: camel case, decimals to the last digit. Their metadata is
    /// made once, here. The stored JSON is that of source-generated metadata with the same options, so that one can be replaced by the other.
    /// </summary>
    /// <param name="fold">Applies one event, which happened at that time; pure. The state is <see langword="null"/> before the first one.</param>
    /// <param name="snapshotEvery">Events between two snapshots, 1 to <see cref="MaxSnapshotEvery"/>. Default 20.</param>
    /// <exception cref="ArgumentException">The event is not sealed and names no derived types: they would be stored as the base type.</exception>
    [RequiresUnreferencedCode(ReflectedJson.Limits)]
    [RequiresDynamicCode(ReflectedJson.Limits)]
    public StreamState(Func<TState?, TEvent, DateTimeOffset, TState> fold, int snapshotEvery = 20)
        : this(fold, ReflectedJson.OfState<TEvent>(), ReflectedJson.OfState<TState>(), snapshotEvery)
    {
    }

    /// <summary>Applies one event.</summary>
    internal Func<TState?, TEvent, DateTimeOffset, TState> Fold { get; }

    /// <summary>How events are read and written.</summary>
    internal JsonTypeInfo<TEvent> Events { get; }

    /// <summary>How snapshots are read and written.</summary>
    internal JsonTypeInfo<TState> Snapshots { get; }

    /// <summary>Events between two snapshots.</summary>
    internal int SnapshotEvery { get; }

    internal override TResult Accept<TResult>(IStateVisitor<TState, TResult> visitor) => visitor.VisitStream(this);
}
