using System.Collections.Immutable;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>A function as the app's worker describes it, with what is needed to call it there.</summary>
/// <param name="Metadata">What the worker said.</param>
/// <param name="Trigger">The binding that makes it run.</param>
internal sealed record WorkerFunction(RpcFunctionMetadata Metadata, RawBinding Trigger)
{
    public string Id => Metadata.FunctionId;

    public string Name => Metadata.Name;

    /// <summary>What makes the worker able to run it.</summary>
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
        foreach (var binding in Metadata.RawBindings.Select(RawBinding.Parse))
            load.Metadata.Bindings[binding.Name] = binding.ToInfo();
        return load;
    }

    /// <summary>The declaration as the host's own parts see it.</summary>
    public FunctionDefinition ToDefinition(string folder) => new Definition(this, folder);

    private sealed class Definition(WorkerFunction function, string folder) : FunctionDefinition
    {
        public override ImmutableArray<FunctionParameter> Parameters => [];

        public override string PathToAssembly { get; } = Path.Combine(folder, function.Metadata.ScriptFile);

        public override string EntryPoint => function.Metadata.EntryPoint;

        public override string Id => function.Id;

        public override string Name => function.Name;
    }
}
