namespace Pipeline.Messages;

/// <summary>A message that a commit sends.</summary>
/// <param name="Id">CloudEvents id.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Decided">Which of the decided messages it is; versions of one event, side by side, have the same.</param>
internal readonly record struct SentMessage(string Id, string Type, int Decided);
