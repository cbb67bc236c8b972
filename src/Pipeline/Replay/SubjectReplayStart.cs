using Pipeline.Consumers;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>What the replay of one subject would start with.</summary>
/// <param name="Where">Its store and consumer, if it can start.</param>
/// <param name="Entry">The entry that would be sent first, if it can.</param>
/// <param name="End">How it would end at once, if it cannot.</param>
internal readonly record struct SubjectReplayStart((CosmosPartitionStore Store, Consumer Consumer)? Where, DeadLetterId? Entry, SubjectReplayEnd? End);
