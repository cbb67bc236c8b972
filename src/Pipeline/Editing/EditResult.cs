namespace Pipeline.Editing;

/// <summary>What an edit came to.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why it was not made; <see langword="null"/> if it was.</param>
/// <param name="Path">Where in the data the contract is broken (as in <c>$.lines[0].quantity</c>); <see langword="null"/> if that is not the reason.</param>
public sealed record EditResult(EditOutcome Outcome, string? Reason = null, string? Path = null);
