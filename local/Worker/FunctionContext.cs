namespace Microsoft.Azure.Functions.Worker;

/// <summary>What is known about one invocation. A retried invocation gets a new context.</summary>
public abstract class FunctionContext
{
    /// <summary>Identifies the invocation; unique.</summary>
    public abstract string InvocationId { get; }

    /// <summary>Identifies the function; the same in every process that runs the same app.</summary>
    public abstract string FunctionId { get; }

    /// <summary>The W3C trace context that the invocation belongs to.</summary>
    public abstract TraceContext TraceContext { get; }

    /// <summary>Data that the trigger supplies besides its value.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary><see langword="null"/> while the invocation is not a retry.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The invocation's own service scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>The function being invoked.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>For middleware to hand things on.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Set when the host shuts down and its patience is used up, or when the trigger lost its lease.</summary>
    public virtual CancellationToken CancellationToken => CancellationToken.None;
}

/// <summary>Data that the trigger supplies besides its value.</summary>
public abstract class BindingContext
{
    /// <summary>By name: of an HTTP trigger route and query values, of a Service Bus trigger message properties.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}

/// <summary>Tells which attempt of a retried invocation this is.</summary>
public abstract class RetryContext
{
    /// <summary>1 for the first retry.</summary>
    public abstract int RetryCount { get; }

    /// <summary>The policy's limit; -1 = without end.</summary>
    public abstract int MaxRetryCount { get; }
}

/// <summary>The W3C trace context that an invocation belongs to.</summary>
public abstract class TraceContext
{
    /// <summary>The <c>traceparent</c>; empty if nothing is traced.</summary>
    public abstract string TraceParent { get; }

    /// <summary>The <c>tracestate</c>; may be empty.</summary>
    public abstract string TraceState { get; }

    /// <summary>Further attributes of the trace; always empty in the Local build.</summary>
    public virtual IReadOnlyDictionary<string, string> Attributes => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;

    /// <summary>The baggage of the current activity.</summary>
    public virtual IReadOnlyDictionary<string, string> Baggage => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;
}
