namespace Pipeline.Commands;

/// <summary>How a command ended.</summary>
public enum CommandOutcome
{
    /// <summary>The aggregate refused it. Nothing was done.</summary>
    Refused,

    /// <summary>It was carried out now.</summary>
    Accepted,

    /// <summary>It was carried out before, under the same key.</summary>
    Repeated,

    /// <summary>The key was used before, with another content. Nothing was done.</summary>
    KeyReused,
}
