using Pipeline.Client;
using Pipeline.DeadLetters;

namespace Pipeline.Replay;

/// <summary>How the replay of one subject ended.</summary>
/// <param name="Number">Its number in the plan.</param>
/// <param name="Status">One of <see cref="ReplayStatus"/>.</param>
/// <param name="Detail">Why.</param>
/// <param name="Sent">Messages sent.</param>
/// <param name="NextSlot">When the subject after it may send its first message; <see langword="null"/> for at once.</param>
/// <param name="AlreadyHandled">How many of them turned out to have had their effect before.</param>
internal readonly record struct SubjectReplayEnd(int Number, string Status, string? Detail, int Sent, DateTimeOffset? NextSlot, int AlreadyHandled = 0);
