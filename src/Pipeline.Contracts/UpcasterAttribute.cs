namespace Pipeline.Contracts;

/// <summary>
/// Declares that a method makes the data of the next version of a message from that of its parameter, for consumers that
/// handle only the next one. The method is static, not private, pure, and takes one record.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UpcasterAttribute : Attribute;
