namespace Pipeline.Client;

/// <summary>The result of one step of releasing a group of quarantined outbox messages.</summary>
/// <param name="Released">Messages that this step released.</param>
/// <param name="More">Whether there are more; the next step continues with them.</param>
/// <param name="Before">Only messages that were quarantined before then are released. The next step sends it again.</param>
public sealed record ReleasedGroup(int Released, bool More, DateTimeOffset Before);
