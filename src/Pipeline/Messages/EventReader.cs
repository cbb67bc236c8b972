using System.Runtime.InteropServices;
using System.Text.Json;
using Pipeline.CloudEvents;
using Pipeline.Failures;

namespace Pipeline.Messages;

/// <summary>Reads messages in structured mode (<c>application/cloudevents+json</c>, CloudEvents JSON format 1.0.2, section 3).</summary>
internal static class EventReader
{
    /// <summary>Attribute of an event that was edited as a dead letter: the edit.</summary>
    public const string EditIdAttribute = "editid";

    /// <summary>Attribute of an event that was edited as a dead letter: who did it.</summary>
    public const string EditedByAttribute = "editedby";

    /// <summary>Reads an event.</summary>
    /// <param name="body">The message body.</param>
    /// <param name="failure">Why it could not be read; <see langword="null"/> if it could.</param>
    /// <returns>The event; <see langword="null"/> if it could not be read.</returns>
    public static IncomingMessage? Read(ReadOnlyMemory<byte> body, out Failure? failure) => Read(body, out _, out failure);

    /// <summary>Reads an event, whose data may have to be checked.</summary>
    /// <param name="body">The message body.</param>
    /// <param name="received">The event as it came, for <see cref="DataFailureOf"/>; <see langword="null"/> if it could not be read.</param>
    /// <param name="failure">Why it could not be read; <see langword="null"/> if it could.</param>
    /// <returns>The event; <see langword="null"/> if it could not be read.</returns>
    public static IncomingMessage? Read(ReadOnlyMemory<byte> body, out ReceivedEvent? received, out Failure? failure)
    {
        received = ReceivedEvent.Read(Single(body), out var fault);
        if (received is null)
        {
            failure = fault.Kind switch
            {
                EventFaultKind.NotJson => new Failure(DeadLetterReasons.NotJson, $"The body is not JSON: {fault}"),
                EventFaultKind.TooLong => new Failure(DeadLetterReasons.IdTooLong, $"The event's {fault.Place} {fault.What}."),
                _ => new Failure(DeadLetterReasons.NotACloudEvent, $"The body is JSON, but not a CloudEvent 1.0: {fault}"),
            };
            return null;
        }

        if (received["id"]!.Length is > IncomingMessage.MaxIdLength and var length)
        {
            failure = new Failure(DeadLetterReasons.IdTooLong, string.Create(
                CultureInfo.InvariantCulture, $"The event's id has {length} characters; at most {IncomingMessage.MaxIdLength} are allowed."));
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
        return MessageOf(received, sequence);
    }

    /// <summary>Why the data is not JSON that every reader reads alike; <see langword="null"/> if it is.</summary>
    public static Failure? DataFailureOf(ReceivedEvent received)
    {
        if (!received.IsOfJsonType)
            return new Failure(DeadLetterReasons.ContractViolation, $"'datacontenttype' is '{received["datacontenttype"]}'; JSON is expected, in UTF-8.");
        return received.CheckJsonData() is { } fault ? new Failure(DeadLetterReasons.ContractViolation, fault.ToString(), fault.Path) : null;
    }

    private static IncomingMessage MessageOf(ReceivedEvent received, long? sequence)
    {
        var id = received["id"]!;
        return new IncomingMessage
        {
            Id = id,
            Source = received["source"]!,
            Type = received["type"]!,
            Subject = received["subject"],
            Time = received.Time,
            Sequence = sequence,
            CorrelationId = received["correlationid"] ?? id,
            CausationId = received["causationid"],
            Data = received.Data,
            DataRef = received["dataref"],
            TraceParent = received["traceparent"],
            EditId = received[EditIdAttribute],
            EditedBy = received[EditedByAttribute],
        };
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
