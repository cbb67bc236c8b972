using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace Pipeline.AzureFunctions.Http;

/// <summary>A body that was read, or its refusal.</summary>
/// <typeparam name="T">The record of the body.</typeparam>
public readonly struct RequestBody<T>
    where T : class
{
    /// <summary>Creates a body that was read.</summary>
    /// <param name="value">The value.</param>
    /// <param name="hash">The digest of its bytes.</param>
    public RequestBody(T value, string hash) => (Value, Hash) = (value, hash);

    /// <summary>Creates a refusal.</summary>
    /// <param name="refusal">The answer.</param>
    public RequestBody(IResult refusal) => Refusal = refusal;

    /// <summary>Gets the value; <see langword="null"/> if the body is refused.</summary>
    public T? Value { get; }

    /// <summary>Gets the digest of the bytes.</summary>
    public string Hash { get; } = "";

    /// <summary>Gets whether the body is refused.</summary>
    [MemberNotNullWhen(false, nameof(Value))]
    [MemberNotNullWhen(true, nameof(Refusal))]
    public bool IsRefused => Refusal is not null;

    /// <summary>Gets the refusal to answer with; <see langword="null"/> if there is a value.</summary>
    public IResult? Refusal { get; }
}
