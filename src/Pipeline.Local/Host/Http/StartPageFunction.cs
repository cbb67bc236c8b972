namespace Pipeline.Local.Hosting;

/// <summary>A function as <c>GET /</c> lists it.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Trigger">The type of its trigger: <c>httpTrigger</c>.</param>
/// <param name="Description">What makes it run, in a line.</param>
/// <param name="Methods">Of an HTTP function its methods, none for any; otherwise <see langword="null"/>.</param>
/// <param name="Route">Of an HTTP function its address as a template; otherwise <see langword="null"/>.</param>
/// <param name="Level">Of an HTTP function the key that it takes; otherwise <see langword="null"/>.</param>
internal sealed record StartPageFunction(string Name, string Trigger, string Description, IReadOnlyList<string>? Methods, string? Route, string? Level);
