using System.Runtime.InteropServices;
using System.Text.Json;
using Pipeline.CloudEvents;
using Pipeline.Failures;

namespace Pipeline.Messages;

/// <summary>A CloudEvent as a consumer gets it, with the attributes that the pipeline relies on.</summary>
public sealed class IncomingMessage
{
    /// <summary>The longest CloudEvents id, in characters: it must fit a Service Bus message id.</summary>
    public const int MaxIdLength = 128;

    /// <summary>The longest CloudEvents source, and the longest subject, in characters: of any attribute but the id.</summary>
    public const int MaxNameLength = ReceivedEvent.MaxAttributeLength;

    private readonly ReceivedEvent _event;

    private IncomingMessage(ReceivedEvent received, long? sequence)
    {
        _event = received;
        Sequence = sequence;
        Data = received.Data is { } data ? BinaryData.FromBytes(data) : null;
    }

    /// <summary>The data, as bytes of JSON; <see langword="null"/> if there is none in the event itself.</summary>
    public BinaryData? Data { get; }

    /// <summary>CloudEvents <c>id</c>.</summary>
    public string Id => _event["id"]!;

    /// <summary>CloudEvents <c>source</c>: the service that sent it.</summary>
    public string Source => _event["source"]!;

    /// <summary>CloudEvents <c>type</c>.</summary>
    public string Type => _event["type"]!;

    /// <summary>CloudEvents <c>subject</c>: what it is about; <see langword="null"/> where the sender gave none.</summary>
    public string? Subject => _event["subject"];

    /// <summary>CloudEvents <c>time</c>: when the sender committed it.</summary>
    public DateTimeOffset? Time => _event.Time;

    /// <summary>CloudEvents <c>sequence</c>, the sender's outgoing number; <see langword="null"/> for commands and replies.</summary>
    public long? Sequence { get; }

    /// <summary>The conversation that this message belongs to; its own id where the sender named none.</summary>
    public string CorrelationId => _event["correlationid"] ?? Id;

    /// <summary>Id of the message that caused this one.</summary>
    public string? CausationId => _event["causationid"];

    /// <summary>Where the data is, for an event that does not carry it itself (extension "Dataref (Claim Check Pattern)").</summary>
    public string? DataRef => _event["dataref"];

    /// <summary>W3C trace context of the sender.</summary>
    public string? TraceParent => _event["traceparent"];

    /// <summary>Attribute of an event that was edited as a dead letter: the edit.</summary>
    internal const string EditIdAttribute = "editid";

    /// <summary>Attribute of an event that was edited as a dead letter: who did it.</summary>
    internal const string EditedByAttribute = "editedby";

    /// <summary>The edit that made the event what it is. Only trusted in messages that come from our own dead letters.</summary>
    internal string? EditId => _event[EditIdAttribute];

    internal string? EditedBy => _event[EditedByAttribute];

    /// <summary>Reads a structured-mode CloudEvent (<c>application/cloudevents+json</c>, CloudEvents JSON format 1.0.2, section 3).</summary>
    /// <param name="body">The message body.</param>
    /// <param name="failure">Why it could not be read; <see langword="null"/> if it could.</param>
    /// <returns>The event; <see langword="null"/> if it could not be read.</returns>
    internal static IncomingMessage? Read(ReadOnlyMemory<byte> body, out Failure? failure)
    {
        if (ReceivedEvent.Read(Single(body), out var fault) is not { } received)
        {
            failure = fault.Kind switch
            {
                EventFaultKind.NotJson => new Failure(DeadLetterReasons.NotJson, $"The body is not JSON: {fault}"),
                EventFaultKind.TooLong => new Failure(DeadLetterReasons.IdTooLong, $"The event's {fault.Place} {fault.What}."),
                _ => new Failure(DeadLetterReasons.NotACloudEvent, $"The body is JSON, but not a CloudEvent 1.0: {fault}"),
            };
            return null;
        }

        if (received["id"]!.Length is > MaxIdLength and var length)
        {
            failure = new Failure(DeadLetterReasons.IdTooLong, string.Create(
                CultureInfo.InvariantCulture, $"The event's id has {length} characters; at most {MaxIdLength} are allowed."));
            return null;
        }

        long? sequence = null;
        if (received["sequence"] is { } text)
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                failure = new Failure(DeadLetterReasons.NotACloudEvent, $"The attribute 'sequence' is '{text}', not a whole number.");
                return null;
            }

            sequence = number;
        }

        failure = null;
        return new IncomingMessage(received, sequence);
    }

    /// <summary>Why the data is not JSON that every reader reads alike; <see langword="null"/> if it is.</summary>
    internal Failure? DataFailure()
    {
        if (!_event.IsOfJsonType)
            return new Failure(DeadLetterReasons.ContractViolation, $"'datacontenttype' is '{_event["datacontenttype"]}'; JSON is expected, in UTF-8.");
        return _event.CheckJsonData() is { } fault ? new Failure(DeadLetterReasons.ContractViolation, fault.ToString(), fault.Path) : null;
    }

    /// <summary>An array of just one event is read as that event.</summary>
    private static ReadOnlyMemory<byte> Single(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.TrimStart(" \t\r\n"u8).StartsWith("["u8))
            return body;
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.GetArrayLength() == 1 ? JsonMarshal.GetRawUtf8Value(document.RootElement[0]).ToArray() : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
