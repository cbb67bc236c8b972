namespace Pipeline.Client;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">The record of an item.</typeparam>
/// <param name="Items">The items.</param>
/// <param name="Continuation">The continuation for the next page; <see langword="null"/> on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Continuation);
