using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Cli.Demo;

/// <summary>The figures of a run, as <c>--report</c> writes them.</summary>
internal sealed record DemoReport(
    int Orders,
    int Completed,
    int Cancelled,
    int DeadLettered,
    int Replayed,
    int Lost,
    int DuplicateEffects,
    int OrderViolations,
    double OrdersPerSecond,
    LatencyMs LatencyMs)
{
    /// <summary>The faults of <c>--chaos</c>; <see langword="null"/> without it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChaosReport? Chaos { get; init; }

    /// <summary>Whether every order is final, no message was lost, applied twice or out of order, and there are no findings of <c>--chaos</c>.</summary>
    [JsonIgnore]
    public bool IsClean => Chaos is null or { Findings.Count: 0 } && DeadLettered == Replayed && Lost == 0 && DuplicateEffects == 0 && OrderViolations == 0 && Completed + Cancelled == Orders;

    public async Task WriteAsync(FileInfo file, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file.FullName, FileMode.Create, FileAccess.Write);
        await JsonSerializer.SerializeAsync(stream, this, ReportJson.Default.DemoReport, cancellationToken);
        stream.WriteByte((byte)'\n');
    }
}
