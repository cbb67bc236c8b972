using Pipeline.Messages;

namespace Pipeline.Editing;

/// <summary>A message as an edit makes it, or why it is not made.</summary>
/// <param name="Body">The event; <see langword="null"/> if it was refused.</param>
/// <param name="Message">The same, as its consumer reads it.</param>
/// <param name="How">What kind of edit it is.</param>
/// <param name="Refusal">Why not; <see langword="null"/> if it was made.</param>
internal readonly record struct EditedMessage(byte[]? Body, IncomingMessage? Message, string How, EditResult? Refusal);
