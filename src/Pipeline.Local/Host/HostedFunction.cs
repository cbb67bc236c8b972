using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>A function that this host runs.</summary>
/// <param name="Metadata">What the app's worker says of it.</param>
/// <param name="Bindings">All its bindings, one of which is a trigger.</param>
/// <param name="Trigger">What makes it run.</param>
/// <param name="Retry">When a failed invocation is run again; <see langword="null"/>: never.</param>
internal sealed record HostedFunction(RpcFunctionMetadata Metadata, IReadOnlyList<RawBinding> Bindings, FunctionTrigger Trigger, RetryPolicy? Retry)
{
    public string Name => Metadata.Name;

    /// <summary>The binding that makes it run.</summary>
    public RawBinding Binding { get; } = Bindings.Single(b => b.IsTrigger);

    /// <summary>By which the worker knows it.</summary>
    public string Id => Metadata.FunctionId;

    /// <summary>What makes the worker able to run it.</summary>
    /// <param name="folder">Where the app's assembly is.</param>
    public FunctionLoadRequest ToLoadRequest(string folder)
    {
        var load = new FunctionLoadRequest
        {
            FunctionId = Metadata.FunctionId,
            Metadata = new RpcFunctionMetadata
            {
                Name = Metadata.Name,
                FunctionId = Metadata.FunctionId,
                Directory = folder,
                EntryPoint = Metadata.EntryPoint,
                ScriptFile = Metadata.ScriptFile,
                Language = Metadata.Language,
            },
        };
        foreach (var binding in Bindings)
            load.Metadata.Bindings[binding.Name] = binding.ToInfo();
        return load;
    }
}
