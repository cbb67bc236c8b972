namespace Pipeline.Contracts;

/// <summary>
/// Declares that a method makes the data of the version before from that of its parameter: while it is there, the event is
/// published in both versions, with one sequence. The method is static, not private, pure, and takes one record.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DowncasterAttribute : Attribute;
