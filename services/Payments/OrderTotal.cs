namespace Pipeline.Services.Payments;

/// <summary>What is to be paid.</summary>
internal sealed record OrderTotal(decimal Value, string Currency);
