namespace Pipeline.Local.Testing;

/// <summary>Something that nobody works on before time passes or somebody asks for it: a retry, a scheduled message, a timer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The function, entity or subscription.</param>
/// <param name="Description">For people.</param>
/// <param name="Due">When it goes on by itself, by the platform's clock; <see langword="null"/>: not by the time.</param>
/// <param name="Count">How many messages or events.</param>
public sealed record PendingWork(PendingKind Kind, string Name, string Description, DateTimeOffset? Due, int Count = 1)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Due is { } due ? string.Create(CultureInfo.InvariantCulture, $"{Name} {Description} ({due:yyyy-MM-dd HH:mm:ss.fff}Z)") : $"{Name} {Description}";
}
