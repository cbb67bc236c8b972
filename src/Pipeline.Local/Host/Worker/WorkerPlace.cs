namespace Pipeline.Local.Hosting;

/// <summary>Where an app runs.</summary>
internal enum WorkerPlace
{
    /// <summary>In the host's process.</summary>
    Same,

    /// <summary>In a process of its own, which the host starts again when it ends.</summary>
    Process,
}
