namespace Pipeline.Local.Hosting;

/// <summary>What makes a function run.</summary>
internal abstract class FunctionTrigger
{
    /// <summary>Whether Azure honours a retry policy on such a function.</summary>
    public virtual bool SupportsRetry => false;

    /// <summary>One line for people: what makes the function run.</summary>
    public abstract string Description { get; }

    /// <summary>What runs the function; <see langword="null"/> if requests do.</summary>
    public virtual ITriggerListener? Listen(HostedFunction function, ListenerServices services) => null;
}

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
