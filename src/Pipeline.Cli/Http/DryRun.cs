using System.Text.Json.Serialization;

namespace Pipeline.Cli.Http;

internal sealed record DryRun(
    string Container, string Partition, string Consumer, IReadOnlyList<DryRunStep> Steps, int Handled, int NotReached, bool LimitReached, bool MovedOn)
{
    /// <summary>Gets the exit code of the dry run.</summary>
    [JsonIgnore]
    public int ExitCode => Steps.Any(s => s.IsStuck) ? Cli.ExitCode.Failed : Steps.Any(s => s.IsAssumed) ? Cli.ExitCode.Assumed : Cli.ExitCode.Ok;
}
