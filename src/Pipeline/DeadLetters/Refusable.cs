using System.Diagnostics.CodeAnalysis;

namespace Pipeline.DeadLetters;

/// <summary>The result of an operator's request, or why it was refused; nothing was changed then.</summary>
/// <typeparam name="T">The result.</typeparam>
public readonly struct Refusable<T>
    where T : class
{
    private readonly T? _value;
    private readonly string? _refusal;

    private Refusable(T? value, string? refusal) => (_value, _refusal) = (value, refusal);

    /// <summary>Gets the result; <see langword="null"/> if the request was refused.</summary>
    public T? Value => _value;

    /// <summary>Gets why the request was refused, for its caller; <see langword="null"/> if it was not.</summary>
    public string? Refusal => _value is null ? _refusal ?? "The request was refused." : null;

    /// <summary>Refuses a request.</summary>
    /// <param name="reason">What is wrong, and what to do.</param>
    public static Refusable<T> Refused(string reason) => new(null, reason);

    /// <summary>Gets a result that was not refused.</summary>
    public static implicit operator Refusable<T>(T value) => new(value, null);

    /// <summary>Gets either the result or the refusal.</summary>
    /// <returns>Whether there is a result.</returns>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? refusal)
    {
        (value, refusal) = (Value, Refusal);
        return value is not null;
    }
}
