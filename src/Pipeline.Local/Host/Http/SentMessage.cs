using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Hosting;

/// <summary>A message that a drill sends over HTTP.</summary>
/// <param name="Body">The text.</param>
/// <param name="SessionId">The session; <see langword="null"/> where the entity has none.</param>
/// <param name="MessageId">Its id; <see langword="null"/> for one that is made.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Properties">Application properties, by which rules select it.</param>
internal sealed record SentMessage(
    string Body, string? SessionId = null, string? MessageId = null, string? ContentType = null, IReadOnlyDictionary<string, string>? Properties = null)
{
    public MessageToSend ToMessage()
    {
        var message = new MessageToSend(Body) { SessionId = SessionId, ContentType = ContentType };
        if (MessageId is not null)
            message.MessageId = MessageId;
        foreach (var (name, value) in Properties ?? new Dictionary<string, string>(StringComparer.Ordinal))
            message.ApplicationProperties.Add(name, value);
        return message;
    }
}
