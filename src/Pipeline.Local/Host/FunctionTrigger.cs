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
