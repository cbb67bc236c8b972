namespace Pipeline.Client;

/// <summary>How a closed dead letter ended.</summary>
public static class DeadLetterResults
{
    /// <summary>A replay of it had its effect.</summary>
    public const string Handled = "handled";

    /// <summary>Its message had had its effect before: what was replayed, edited or not, had none.</summary>
    public const string AlreadyHandled = "alreadyHandled";

    /// <summary>It was given up for good.</summary>
    public const string Discarded = "discarded";
}
