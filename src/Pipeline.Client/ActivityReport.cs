namespace Pipeline.Client;

/// <summary>What all consumers of all instances handled in a while.</summary>
/// <param name="From">Since when; the same in all answers that belong together by <paramref name="More"/>.</param>
/// <param name="To">Until when.</param>
/// <param name="Changes">How many changes were read for it; most are no handlings.</param>
/// <param name="More">Whether there were more changes than one answer may cover: ask again at once, and add up.</param>
/// <param name="Consumers">By container and consumer; who handled nothing is not listed.</param>
/// <param name="Continuation">Where the next call continues; safe in a URL.</param>
public sealed record ActivityReport(
    DateTimeOffset From, DateTimeOffset To, int Changes, bool More, IReadOnlyList<ConsumerActivity> Consumers, string Continuation);
