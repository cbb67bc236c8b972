namespace Pipeline.Local.Hosting;

/// <summary>What <c>GET /</c> answers to programs.</summary>
/// <param name="State"><c>Running</c> or <c>Stopping</c>.</param>
/// <param name="Functions">The functions that run here.</param>
internal sealed record StartPageList(string State, IReadOnlyList<StartPageFunction> Functions);
