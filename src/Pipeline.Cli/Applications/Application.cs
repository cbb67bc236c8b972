using Pipeline.Generation;

namespace Pipeline.Cli.Applications;

/// <summary>An application that uses the pipeline, in its folder on this machine.</summary>
internal sealed class Application(Workspace workspace)
{
    /// <summary>How an application is recognized.</summary>
    public const string Marks = $"the nearest folder upward with {Workspace.TopologyFile} and the projects contracts/, services/ and functions/";

    /// <summary>Gets its folder, with the projects in it.</summary>
    public Workspace Workspace => workspace;

    /// <summary>Whether it is the sample: its demo.json asks for the demo with orders.</summary>
    public bool IsSample => DemoFile.IsOrders(workspace.Root);

    /// <summary>Finds the application of a folder, or else that of the clone that this tool runs from; <see langword="null"/> if there is none.</summary>
    public static Application? Find(string folder) =>
        (Workspace.Find(folder) ?? (Clone.Root is { } clone ? Workspace.Find(clone) : null)) is { } found ? new Application(found) : null;

    /// <summary>Finds the application of the current folder; see <see cref="Find"/>.</summary>
    public static Application? Current() => Find(Environment.CurrentDirectory);

    /// <summary>Like <see cref="Current"/>.</summary>
    /// <exception cref="CliFailure">There is none.</exception>
    public static Application Required() => Current() ?? throw new CliFailure(
        $"There is no application in {Environment.CurrentDirectory}. An application is {Marks}. Go to the folder of one, or make one with 'dotnet new pipeline'.");
}
