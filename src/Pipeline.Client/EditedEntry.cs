namespace Pipeline.Client;

/// <summary>One entry of an event that was to be edited.</summary>
/// <param name="Consumer">Its consumer.</param>
/// <param name="Container">Its container.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Id">Its id.</param>
/// <param name="Outcome">One of the outcomes of <see cref="EventEdit"/>.</param>
/// <param name="Reason">Why it was not edited; <see langword="null"/> if it was.</param>
/// <param name="Path">Where in the data the contract is broken, if that is the reason.</param>
public sealed record EditedEntry(string Consumer, string Container, string Partition, string Id, string Outcome, string? Reason = null, string? Path = null);
