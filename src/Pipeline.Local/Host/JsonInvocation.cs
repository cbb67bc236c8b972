namespace Pipeline.Local.Hosting;

/// <summary>A run for something that goes to the worker as JSON.</summary>
/// <param name="function">What runs.</param>
/// <param name="json">What the trigger parameter is made of.</param>
/// <param name="input">What triggered it, in a few words.</param>
/// <param name="cancellation">As of every invocation.</param>
internal sealed class JsonInvocation(HostedFunction function, string json, string input, CancellationToken cancellation)
    : Invocation(function, cancellation)
{
    public string Json => json;

    public override string Input => input;
}
