using Microsoft.Extensions.Hosting;
using Pipeline.Local.Worker;

namespace Pipeline.Local.Testing;

/// <summary>One running instance of the app.</summary>
public sealed class PipelineHostInstance
{
    private readonly IHost _host;

    internal PipelineHostInstance(IHost host, string name, string serviceBusKeyName, IReadOnlyCollection<string> functions)
    {
        _host = host;
        Name = name;
        ServiceBusKeyName = serviceBusKeyName;
        Functions = functions;
    }

    /// <summary>Its name: the owner of the change feed leases that it holds.</summary>
    public string Name { get; }

    /// <summary>The functions that it was told to run; empty: all.</summary>
    public IReadOnlyCollection<string> Functions { get; }

    /// <summary>Where it serves HTTP functions.</summary>
    public Uri Address => _host.HttpAddress();

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _host.Services;

    internal IHost Host => _host;

    /// <summary>By which its clients of Service Bus are known.</summary>
    internal string ServiceBusKeyName { get; }

    internal FunctionList FunctionList => (FunctionList)_host.Services.GetService(typeof(FunctionList))!;

    internal T Get<T>() => (T)_host.Services.GetService(typeof(T))!;
}
