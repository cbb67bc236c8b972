namespace Pipeline.Contracts.Ordering;

/// <summary>An amount of money.</summary>
/// <param name="Value">How much; not negative.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record Amount([Money] decimal Value, [Currency] string Currency);
