using Pipeline.State;

namespace Pipeline.Consumers;

/// <summary>What was decided on a batch.</summary>
/// <param name="Outgoing">What is to be sent, each with the message that caused it.</param>
/// <param name="LeftOut">Indexes of the messages whose handler threw.</param>
internal readonly record struct DecidedBatch(IReadOnlyList<(object Data, HandlerContext Context)> Outgoing, IReadOnlySet<int> LeftOut);
