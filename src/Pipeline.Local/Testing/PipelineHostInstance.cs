using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <summary>One running instance of the app.</summary>
public sealed class PipelineHostInstance
{
    private readonly InProcessApp _app;

    internal PipelineHostInstance(InProcessApp app, string name, string serviceBusKeyName, IReadOnlyCollection<string> functions)
    {
        _app = app;
        Name = name;
        ServiceBusKeyName = serviceBusKeyName;
        Functions = functions;
    }

    /// <summary>Its name: the owner of the change feed leases that it holds.</summary>
    public string Name { get; }

    /// <summary>The functions that it was told to run; empty: all.</summary>
    public IReadOnlyCollection<string> Functions { get; }

    /// <summary>Where it serves HTTP functions.</summary>
    public Uri Address => _app.Address;

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _app.Services;

    internal InProcessApp App => _app;

    /// <summary>By which its clients of Service Bus are known.</summary>
    internal string ServiceBusKeyName { get; }

    internal FunctionList FunctionList => _app.OfHost<FunctionList>();
}
