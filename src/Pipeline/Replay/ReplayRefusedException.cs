namespace Pipeline.Replay;

/// <summary>Why a replay cannot be planned, applied or stopped.</summary>
public sealed class ReplayRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ReplayRefusedException(string message)
        : base(message)
    {
    }
}
