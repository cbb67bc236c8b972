using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Local.Worker;

/// <summary>One run of a function. Triggers derive from it to carry what their parameters are bound to.</summary>
internal class Invocation : FunctionContext, IDisposable
{
    private string? _id;
    private readonly CancellationToken _cancellation;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _own;
    private bool _ended;
    private IDictionary<object, object>? _items;
    private TraceContext? _trace;

    public Invocation(HostedFunction function, object? input, CancellationToken cancellation)
    {
        Function = function;
        Input = input;
        _cancellation = cancellation;
    }

    public HostedFunction Function { get; }

    /// <summary>What the trigger parameter gets.</summary>
    public object? Input { get; set; }

    /// <summary>What the function returned; <see langword="null"/> for none.</summary>
    public object? Result { get; set; }

    /// <summary>Set when the host gives up waiting, when the trigger loses its source, or when the invocation has taken too long.</summary>
    public override CancellationToken CancellationToken
    {
        get
        {
            // Only those who ask pay for one of their own.
            lock (_gate)
                return _ended ? _cancellation : (_own ??= CancellationTokenSource.CreateLinkedTokenSource(_cancellation)).Token;
        }
    }

    // The one thing about an invocation that nothing determines: a second run of the same message is another invocation.
#pragma warning disable RS0030
    public override string InvocationId => _id ??= Guid.NewGuid().ToString();
#pragma warning restore RS0030

    public override string FunctionId => Function.Definition.Id;

    public override FunctionDefinition FunctionDefinition => Function.Definition;

    public override IServiceProvider InstanceServices { get; set; } = null!;

    // The official signature says that it is never null, the official behaviour that it is while nothing is retried.
    public override RetryContext RetryContext => Retry!;

    public RetryContext? Retry { get; init; }

    public override TraceContext TraceContext => _trace ??= new ActivityTrace(Activity.Current);

    public override BindingContext BindingContext => new InvocationBinding(this);

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }

    /// <summary>Data by name that the trigger supplies besides its value.</summary>
    public virtual IReadOnlyDictionary<string, object?> BindingData => ImmutableDictionary<string, object?>.Empty;

    /// <summary>Sets the token.</summary>
    public Task CancelAsync()
    {
        lock (_gate)
            return _own?.CancelAsync() ?? Task.CompletedTask;
    }

    /// <summary>The invocation has ended: its token is only the host's from now on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _own?.Dispose();
        }
    }

    private sealed class InvocationBinding(Invocation invocation) : BindingContext
    {
        private IReadOnlyDictionary<string, object?>? _data;

        public override IReadOnlyDictionary<string, object?> BindingData => _data ??= invocation.BindingData;
    }

    private sealed class ActivityTrace(Activity? activity) : TraceContext
    {
        public override string TraceParent { get; } = activity?.Id ?? "";

        public override string TraceState { get; } = activity?.TraceStateString ?? "";

        public override IReadOnlyDictionary<string, string> Baggage =>
            activity?.Baggage.Where(item => item.Value is not null)
                .GroupBy(item => item.Key, item => item.Value!, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal)
            ?? base.Baggage;
    }
}

/// <summary>Which retry an invocation is.</summary>
internal sealed class RetryAttempt(int count, int max) : RetryContext
{
    public override int RetryCount => count;

    public override int MaxRetryCount => max;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"retry {count} of {max}");
}
