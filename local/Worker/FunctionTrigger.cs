using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Local.Worker;

/// <summary>A kind of trigger: what its functions may look like, and what makes them run.</summary>
internal abstract class FunctionTrigger
{
    /// <summary>Whether Azure honours a retry attribute on such a function.</summary>
    public virtual bool SupportsRetry => false;

    /// <summary>Whether the function's return value is used.</summary>
    public virtual bool TakesResult => false;

    /// <summary>One line for people: what makes the function run.</summary>
    public abstract string Description { get; }

    /// <summary>What is wrong with the trigger parameter; <see langword="null"/> if nothing.</summary>
    public abstract string? ProblemWith(ParameterInfo triggerParameter);

    /// <summary>The value of a further parameter; <see langword="null"/> if this trigger has none for it.</summary>
    /// <param name="parameter">A parameter that is neither the trigger's nor known to every function.</param>
    /// <param name="invocation">The invocation, of the type that this trigger makes.</param>
    public virtual Expression? Argument(ParameterInfo parameter, Expression invocation) => null;

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
