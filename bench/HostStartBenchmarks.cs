using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Pipeline.AzureFunctions;
using Pipeline.Functions;
using Pipeline.Local.Testing;

namespace Pipeline.Bench;

/// <summary>What a test pays for a pipeline of its own: all functions, platform and ports, in a warm process.</summary>
[Config(typeof(InProcess))]
[MemoryDiagnoser]
public class HostStartBenchmarks
{
    /// <summary>Until every trigger listens, and until all is over.</summary>
    [Benchmark]
    public async Task StartAndStop()
    {
        await using var host = await StartAsync();
    }

    /// <summary>The same, and until all change feeds are read to their ends.</summary>
    [Benchmark]
    public async Task StartAndBeQuiet()
    {
        await using var host = await StartAsync();
        await host.WaitUntilQuietAsync();
    }

    private static Task<PipelineHost> StartAsync() => PipelineHost.StartAsync(new PipelineHostOptions
    {
        FunctionsAssembly = typeof(Sample).Assembly,
        Configure = builder => builder.Services.AddPipeline(builder.Configuration, Sample.Definition, Sample.Configure),
        TimeProvider = new ManualTimeProvider(),
        LogLevel = Microsoft.Extensions.Logging.LogLevel.None,
    });

    private sealed class InProcess : ManualConfig
    {
        public InProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithInvocationCount(4).WithUnrollFactor(1));
    }
}
