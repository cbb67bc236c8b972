namespace Pipeline.Local.Hosting;

/// <summary>Waits for what triggers a function, and runs it.</summary>
internal interface ITriggerListener
{
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stops accepting and waits for what is running. After <paramref name="cancellationToken"/> is set waits no
    /// longer, but lets go of everything that it holds.
    /// </summary>
    Task StopAsync(CancellationToken cancellationToken);
}
