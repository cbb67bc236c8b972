using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>A record with the attribute that declares it as a message.</summary>
internal sealed record DeclaredMessage(Type Record, MessageAttribute Message);
