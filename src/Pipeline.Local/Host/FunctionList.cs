namespace Pipeline.Local.Hosting;

/// <summary>The functions that this host runs; none before the app has said which it has.</summary>
internal sealed class FunctionList
{
    public IReadOnlyList<HostedFunction> All { get; set; } = [];
}
