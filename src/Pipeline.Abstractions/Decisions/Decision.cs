namespace Pipeline.Decisions;

/// <summary>
/// What a handler wants to happen, as a value: it is committed in one batch, or not at all. A handler decides; it writes,
/// sends and publishes nothing itself.
/// </summary>
/// <typeparam name="TState">The state of the aggregate that the message or command is about.</typeparam>
public sealed class Decision<TState>
    where TState : class
{
    private List<object>? _events;
    private List<object>? _messages;

    /// <summary>The state to store (<see cref="State.DocumentState{TState}"/>); <see langword="null"/> leaves it as it is.</summary>
    public TState? State { get; private set; }

    /// <summary>The domain events to append (<see cref="State.StreamState{TState, TEvent}"/>).</summary>
    public IReadOnlyList<object> Events => (IReadOnlyList<object>?)_events ?? [];

    /// <summary>The messages to send, in order.</summary>
    public IReadOnlyList<object> Messages => (IReadOnlyList<object>?)_messages ?? [];

    /// <summary>Why a command is refused; <see langword="null"/> if it is not.</summary>
    public Refusal? Refusal { get; private init; }

    /// <summary>Nothing changes. The message counts as handled.</summary>
    public static Decision<TState> Nothing() => new();

    /// <summary>Replaces the state.</summary>
    public static Decision<TState> Save(TState state) => new() { State = state };

    /// <summary>Appends domain events to the aggregate's stream.</summary>
    public static Decision<TState> Append(params ReadOnlySpan<object> events) => new() { _events = [.. events] };

    /// <summary>
    /// Refuses an HTTP command: nothing is written, the caller is told. A consumer cannot refuse a message that way; it
    /// publishes an event that says so, or throws <see cref="Failures.PermanentFailureException"/>.
    /// </summary>
    public static Decision<TState> Refuse(string code, string reason) => new() { Refusal = new Refusal(code, reason) };

    /// <summary>This decision followed by another one, which was made on the state that this one leaves.</summary>
    internal Decision<TState> Then(Decision<TState> next) => new()
    {
        State = next.State ?? State,
        _events = next._events is null ? _events : _events is null ? next._events : [.. _events, .. next._events],
        _messages = next._messages is null ? _messages : _messages is null ? next._messages : [.. _messages, .. next._messages],
    };

    /// <summary>Sends a message: an event to its service's topic, a command or reply to the receiver's queue.</summary>
    /// <param name="message">A record that is in the message catalog.</param>
    public Decision<TState> Publish(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        (_messages ??= []).Add(message);
        return this;
    }
}
