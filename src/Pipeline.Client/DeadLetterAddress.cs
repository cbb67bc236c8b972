namespace Pipeline.Client;

/// <summary>Where a dead letter is.</summary>
/// <param name="Container">Its container.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Id">Its id.</param>
public sealed record DeadLetterAddress(string Container, string Partition, string Id);
