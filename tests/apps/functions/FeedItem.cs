namespace Pipeline.TestFunctions;

public sealed record FeedItem(string Id, string Pk);
