namespace Pipeline.Client;

/// <summary>An entry of a group that could not be changed.</summary>
/// <param name="Container">Its container.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Path">Where in the data the contract is broken, if that is the reason.</param>
public sealed record RefusedEdit(string Container, string Partition, string Id, string Reason, string? Path);
