namespace Pipeline.Cli;

/// <summary>Exit codes of the <c>pipeline</c> tool.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;

    /// <summary>A dry run that would succeed only if gateways answer as it assumed: neither success nor failure.</summary>
    public const int Assumed = 3;

    /// <summary>The text for the help of the tool. The table in docs/operations/operating.md describes them.</summary>
    public const string Help =
        "Exit codes: 0 done; 1 failed, or would fail; 2 wrong usage; 3 a dry run depends on answers of gateways that it assumed; 130 ended by Ctrl+C.";

    /// <summary>Ended by Ctrl+C before the work was done (128 + SIGINT, as shells have it).</summary>
    public const int Interrupted = 130;
}
