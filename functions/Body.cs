using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Functions;

/// <summary>A body that was read, or its refusal.</summary>
internal readonly struct Body<T>
    where T : class
{
    public Body(T value, string hash) => (Value, Hash) = (value, hash);

    public Body(IResult refusal) => Refusal = refusal;

    public T? Value { get; }

    /// <summary>Gets the digest of the bytes.</summary>
    public string Hash { get; } = "";

    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRefused => Refusal is not null;

    public IResult? Refusal { get; }
}
