namespace Pipeline.Services.Inventory;

/// <summary>One article of a reservation.</summary>
/// <param name="Quantity">Pieces.</param>
/// <param name="Status">The status.</param>
public sealed record Hold(int Quantity, HoldStatus Status);
